using System.Globalization;
using System.Text;

namespace ControlPlane.Store;

/// <summary>
/// The last revision that was acknowledged, in a small file of its own: a database that ends before it has lost writes
/// (its write-ahead log is gone or damaged, or an old copy was put in its place), which SQLite itself cannot notice.
/// Written without fsync: it survives the death of the process, and after a power cut it may only be too low.
/// </summary>
internal sealed class RevisionFloor : IDisposable
{
    private const int Digits = 19;

    private readonly FileStream file;

    private RevisionFloor(FileStream file) => this.file = file;

    /// <summary>0 where there is no file, or none that can be understood.</summary>
    public static long Read(string path)
    {
        try
        {
            var text = File.ReadAllText(path);
            return text.Length == Digits + 1 && text[^1] == '\n' && long.TryParse(text.AsSpan(0, Digits), NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : 0;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return 0;
        }
    }

    /// <exception cref="IOException">The file cannot be made.</exception>
    public static RevisionFloor Open(string path, long revision)
    {
        var floor = new RevisionFloor(new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.ReadWrite, BufferSize = 0, UnixCreateMode = StoreFiles.OwnerOnly,
        }));
        floor.Raise(revision);
        return floor;
    }

    /// <summary>Called when the revision is durable in the database.</summary>
    public void Raise(long revision)
    {
        Span<byte> text = stackalloc byte[Digits + 1];
        Encoding.ASCII.GetBytes(revision.ToString("D19", CultureInfo.InvariantCulture), text);
        text[^1] = (byte)'\n';
        try { RandomAccess.Write(file.SafeFileHandle, text, 0); }
        catch (IOException) { } // a floor that is too low is still a floor
    }

    public void Dispose() => file.Dispose();
}
