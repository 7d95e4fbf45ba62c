using System.Buffers.Text;
using System.Security.Cryptography;
using ControlPlane.Certificates;

namespace ControlPlane.Authentication;

/// <summary>
/// The key that signs service accounts' tokens (ECDSA P-256, JWS algorithm ES256): <c>DIR/sa.key</c> (PEM, mode 0600),
/// made on first use. To change the key, rename the old one to <c>sa-ANYTHING.key</c> and restart: it signs no more, but the tokens that
/// it signed hold until they expire.
/// </summary>
internal sealed class ServiceAccountKeys : IDisposable
{
    private readonly Dictionary<string, ECDsa> byId = [];

    private ServiceAccountKeys(ECDsa current)
    {
        CurrentId = IdOf(current);
        byId.Add(CurrentId, current);
    }

    /// <summary>The <c>kid</c> of the key that signs.</summary>
    public string CurrentId { get; }

    /// <summary>Every key whose signatures hold, by its id, the signing one first.</summary>
    public IReadOnlyList<(string Id, ECParameters Public)> PublicKeys =>
        byId.OrderByDescending(pair => pair.Key == CurrentId).Select(pair => (pair.Key, pair.Value.ExportParameters(false))).ToList();

    /// <exception cref="IOException">The files cannot be read or written.</exception>
    /// <exception cref="CryptographicException">A file is damaged; it is left as it is.</exception>
    public static ServiceAccountKeys Open(string directory)
    {
        using var held = OwnerOnlyFile.Lock(Path.Combine(directory, ".lock"));
        var file = Path.Combine(directory, "sa.key");
        if (!File.Exists(file))
        {
            using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            OwnerOnlyFile.Write(file, made.ExportPkcs8PrivateKeyPem());
        }
        var keys = new ServiceAccountKeys(Read(file));
        foreach (var old in Directory.GetFiles(directory, "sa-*.key").Order(StringComparer.Ordinal))
        {
            var key = Read(old);
            keys.byId.TryAdd(IdOf(key), key);
        }
        return keys;
    }

    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        var key = byId[CurrentId];
        lock (key) return key.SignData(data, HashAlgorithmName.SHA256);
    }

    /// <summary>False also for a key that is not known.</summary>
    public bool Verify(string keyId, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (!byId.TryGetValue(keyId, out var key)) return false;
        lock (key) return key.VerifyData(data, signature, HashAlgorithmName.SHA256);
    }

    public void Dispose()
    {
        foreach (var key in byId.Values) key.Dispose();
    }

    private static ECDsa Read(string file)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(file));
            if (key.KeySize != 256) throw new CryptographicException($"{file} is no key on the curve P-256");
            return key;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            key.Dispose();
            throw new CryptographicException($"{file} is damaged: {e.Message}", e);
        }
    }

    /// <summary>As Kubernetes names keys: the hash of the public key's DER form.</summary>
    private static string IdOf(ECDsa key) => Base64Url.EncodeToString(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
}
