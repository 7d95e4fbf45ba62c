using System.Security.Cryptography;
using System.Text.Json;

namespace ControlPlane.Backups;

/// <summary>The first entry of a backup: what the others must be.</summary>
/// <param name="Format">1.</param>
/// <param name="Revision">The last one that is in the backup.</param>
/// <param name="Files">Path in the archive → SHA-256, in hexadecimal.</param>
internal sealed record BackupManifest(int Format, DateTime Created, long Revision, int Objects, IReadOnlyDictionary<string, string> Files)
{
    public const string FileName = "manifest.json";
    public const int CurrentFormat = 1;

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static string Digest(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Options);

    /// <summary>Reads the manifest of an unpacked backup and compares every file with it.</summary>
    /// <exception cref="InvalidDataException">Something is missing, too much, or not as it was.</exception>
    public static BackupManifest Verify(string directory)
    {
        BackupManifest? manifest;
        try { manifest = JsonSerializer.Deserialize<BackupManifest>(File.ReadAllBytes(Path.Combine(directory, FileName)), Options); }
        catch (Exception e) when (e is JsonException or FileNotFoundException) { throw new InvalidDataException($"it has no {FileName}, or a damaged one", e); }
        if (manifest is not { Files: not null }) throw new InvalidDataException($"its {FileName} is damaged");
        if (manifest.Format != CurrentFormat) throw new InvalidDataException($"it has format {manifest.Format}, this program knows format {CurrentFormat}");
        var present = Directory.GetFiles(directory, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(directory, path)).Where(path => path != FileName).ToHashSet();
        if (!present.SetEquals(manifest.Files.Keys)) throw new InvalidDataException($"files are missing or too many: {string.Join(", ", present.Except(manifest.Files.Keys).Concat(manifest.Files.Keys.Except(present)))}");
        foreach (var (name, digest) in manifest.Files)
            if (Digest(Path.Combine(directory, name)) != digest) throw new InvalidDataException($"{name} is not what was backed up");
        return manifest;
    }
}
