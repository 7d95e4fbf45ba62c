using System.Security.Cryptography;
using System.Text;

namespace ControlPlane.Store;

/// <summary>
/// Encrypts the content of the rows that hold secrets: AES-256-GCM, a random nonce of 12 bytes, the ciphertext, a tag of
/// 16 bytes (NIST SP 800-38D). Key, namespace, name and revision of the object are bound to it, so that a row cannot be
/// put in the place of another, nor an old state in that of a new one.
/// </summary>
internal sealed class RowEncryption(EncryptionKeys keys)
{
    private const int NonceSize = 12, TagSize = 16;

    /// <summary>The number that stands for "not encrypted".</summary>
    public const int Plain = 0;

    public EncryptionKeys Keys => keys;

    /// <summary>The key with which an object of this resource is written.</summary>
    public int KeyFor(string resource) => resource == "secrets" ? keys.Current : Plain;

    public byte[] Seal(StoreKey key, long revision, ReadOnlySpan<byte> json)
    {
        var content = new byte[NonceSize + json.Length + TagSize];
        var nonce = content.AsSpan(0, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(keys.Find(keys.Current)!, TagSize);
        cipher.Encrypt(nonce, json, content.AsSpan(NonceSize, json.Length), content.AsSpan(NonceSize + json.Length), BoundTo(key, revision));
        return content;
    }

    /// <param name="keyId">The number of the key that it was encrypted with.</param>
    /// <exception cref="CryptographicException">There is no such key, or the content is not what was written.</exception>
    public byte[] Unseal(StoreKey key, long revision, int keyId, ReadOnlySpan<byte> content)
    {
        var secret = keys.Find(keyId) ?? throw new CryptographicException($"it is encrypted with key {keyId}, which is not in the key file");
        if (content.Length < NonceSize + TagSize) throw new CryptographicException("it is too short");
        var json = new byte[content.Length - NonceSize - TagSize];
        using var cipher = new AesGcm(secret, TagSize);
        cipher.Decrypt(content[..NonceSize], content[NonceSize..^TagSize], content[^TagSize..], json, BoundTo(key, revision));
        return json;
    }

    private static byte[] BoundTo(StoreKey key, long revision) => Encoding.UTF8.GetBytes($"{key.Resource}\0{key.Namespace}\0{key.Name}\0{revision}");
}
