using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ControlPlane.Store;

/// <summary>
/// The keys of <see cref="RowEncryption"/>: a text file with a line <c>ID BASE64</c> for each, 256 bits, mode 0600. The one
/// with the highest number encrypts; more than one is there only while a rotation is under way.
/// </summary>
internal sealed class EncryptionKeys
{
    private const string Head = "# The keys that encrypt Secrets in store.db. Without this file they cannot be read.\n";

    private readonly string path;
    private SortedList<int, byte[]> keys;

    private EncryptionKeys(string path, SortedList<int, byte[]> keys) => (this.path, this.keys) = (path, keys);

    /// <summary>The number of the key that new rows are encrypted with.</summary>
    public int Current => keys.Keys[^1];

    public int Count => keys.Count;

    /// <summary>Null if there is no such key.</summary>
    public byte[]? Find(int id) => keys.GetValueOrDefault(id);

    /// <summary>Reads the file; null if there is none.</summary>
    /// <exception cref="StoreDamagedException">It cannot be understood, or others than its owner may read it.</exception>
    public static EncryptionKeys? Load(string path)
    {
        if (!File.Exists(path)) return null;
        if ((File.GetUnixFileMode(path) & ~StoreFiles.OwnerOnly) != 0)
            throw new StoreDamagedException($"{path} may be read by others than its owner: chmod 600 it, then give the Secrets a new key with 'controlplane encryption rotate'");
        var keys = new SortedList<int, byte[]>();
        foreach (var line in File.ReadLines(path).Where(line => line.Length > 0 && line[0] != '#'))
        {
            var words = line.Split(' ');
            var key = new byte[32];
            if (words.Length != 2 || !int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id == 0
                || !Convert.TryFromBase64String(words[1], key, out var length) || length != key.Length || !keys.TryAdd(id, key))
                throw new StoreDamagedException($"{path} is damaged: a line is no key; it was left as it is. Put its copy from a backup in its place");
        }
        if (keys.Count == 0) throw new StoreDamagedException($"{path} is damaged: there is no key in it; it was left as it is. Put its copy from a backup in its place");
        return new EncryptionKeys(path, keys);
    }

    /// <summary>Makes the file with a first key.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static EncryptionKeys Create(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, StoreFiles.OwnerOnlyDirectory);
        var keys = new EncryptionKeys(path, []);
        keys.Write(new SortedList<int, byte[]> { [1] = RandomNumberGenerator.GetBytes(32) });
        return keys;
    }

    /// <summary>A new key, on disk before it is used; the others stay until <see cref="DropOld"/>.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Add() => Write(new SortedList<int, byte[]>(keys) { [Current + 1] = RandomNumberGenerator.GetBytes(32) });

    /// <summary>Forgets all keys but the current one.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void DropOld()
    {
        if (keys.Count > 1) Write(new SortedList<int, byte[]> { [Current] = keys[Current] });
    }

    private void Write(SortedList<int, byte[]> next)
    {
        StoreFiles.Replace(path, Encoding.ASCII.GetBytes(Head + string.Concat(next.Select(key => $"{key.Key} {Convert.ToBase64String(key.Value)}\n"))));
        keys = next;
    }
}
