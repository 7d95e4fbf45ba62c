using System.Text.Json;

namespace NodeAgent.Images;

/// <summary>How an image wants to be run (OCI image-spec, config.json, "config").</summary>
internal sealed record ImageConfig
{
    public string? User { get; init; }
    public IReadOnlyList<string>? Env { get; init; }
    public IReadOnlyList<string>? Entrypoint { get; init; }
    public IReadOnlyList<string>? Cmd { get; init; }
    public string? WorkingDir { get; init; }
    public string? StopSignal { get; init; }
}

/// <summary>An entry of a layout's index: a full name and the digest (<c>sha256:HEX</c>) of the manifest it means.</summary>
/// <param name="AskedDigest">The digest by which it was asked for, where that is of an index of several platforms.</param>
internal sealed record ImageEntry(string Name, string Digest, string? AskedDigest = null);

/// <summary>What an image is, from its manifest and config.</summary>
/// <param name="SizeBytes">Of its layers as they are stored, compressed.</param>
/// <param name="Platform">Operating system and architecture in Go's names, e.g. <c>linux/amd64</c>; null where it does not say.</param>
internal sealed record ImageContent(ImageConfig Config, long SizeBytes, string? Platform, IReadOnlyList<string> Blobs);

/// <summary>Reads an OCI image layout (image-spec 1.0, image-layout.md); reads files anew each time, as other programs write them.</summary>
internal sealed class ImageLayout(string directory)
{
    public const string RefName = "org.opencontainers.image.ref.name", AskedDigest = "nodeagent.asked-digest";
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public string Directory => directory;

    /// <summary>Empty where there is no layout.</summary>
    /// <exception cref="InvalidDataException">The index is damaged.</exception>
    public IReadOnlyList<ImageEntry> Entries()
    {
        var path = Path.Combine(directory, "index.json");
        if (!File.Exists(path)) return [];
        var index = Read<Index>(path);
        return (index.Manifests ?? []).Where(entry => entry.Annotations?.ContainsKey(RefName) == true)
            .Select(entry => new ImageEntry(entry.Annotations![RefName], entry.Digest, entry.Annotations.GetValueOrDefault(AskedDigest))).ToList();
    }

    /// <exception cref="InvalidDataException">A blob is missing or damaged.</exception>
    public ImageContent ReadImage(string manifestDigest)
    {
        var manifest = Read<Manifest>(Blob(manifestDigest));
        if (manifest.Config is null) throw new InvalidDataException($"{Blob(manifestDigest)} is not an image manifest");
        var config = Read<ConfigBlob>(Blob(manifest.Config.Digest));
        var layers = manifest.Layers ?? [];
        return new ImageContent(config.Config ?? new ImageConfig(), layers.Sum(layer => layer.Size),
            config is { Os.Length: > 0, Architecture.Length: > 0 } ? $"{config.Os}/{config.Architecture}" : null,
            [manifestDigest, manifest.Config.Digest, .. layers.Select(layer => layer.Digest)]);
    }

    /// <summary>Where the bytes of this digest lie.</summary>
    public string Blob(string digest) => Path.Combine(directory, "blobs", digest.Replace(':', '/'));

    private static T Read<T>(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), path.Contains("/blobs/") ? JsonOfBlobs : Json) ?? throw new JsonException("null");
        }
        catch (Exception e) when (e is JsonException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidDataException($"image store: {path}: {e.Message}");
        }
    }

    /// <summary>Config blobs have "Env", manifests "layers": Go reads both regardless of case, and so do we.</summary>
    private static readonly JsonSerializerOptions JsonOfBlobs = new() { PropertyNameCaseInsensitive = true };

    private sealed record Index(IReadOnlyList<Descriptor>? Manifests);
    private sealed record Descriptor(string Digest, long Size, IReadOnlyDictionary<string, string>? Annotations);
    private sealed record Manifest(Descriptor? Config, IReadOnlyList<Descriptor>? Layers);
    private sealed record ConfigBlob(ImageConfig? Config, string? Os, string? Architecture);
}
