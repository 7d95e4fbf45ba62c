using System.Text.Json;

namespace Benchmarks;

/// <summary>The unpacked root file system of an image in out/images (src/NodeAgent/Images/README.md has the layout).</summary>
internal static class Rootfs
{
    /// <exception cref="InvalidOperationException">The image is not there.</exception>
    public static string OfNginx(string top)
    {
        const string name = "docker.io/library/nginx:latest";
        using var index = JsonDocument.Parse(File.ReadAllText($"{top}/out/images/oci/index.json"));
        var manifest = index.RootElement.GetProperty("manifests").EnumerateArray().FirstOrDefault(entry =>
            entry.TryGetProperty("annotations", out var annotations) && annotations.TryGetProperty("org.opencontainers.image.ref.name", out var reference) && reference.GetString() == name);
        if (manifest.ValueKind == JsonValueKind.Undefined) throw new InvalidOperationException($"{name} is not in out/images; run: sudo scripts/images build");
        return $"{top}/out/images/unpacked/{manifest.GetProperty("digest").GetString()!.Split(':')[1]}/rootfs";
    }
}
