using System.Text.Json;
using System.Text.Json.Nodes;

namespace NodeAgent.Images;

/// <summary>Changes the index of an OCI layout; the file is whole at any moment. Callers hold the store's lock.</summary>
internal static class ImageIndex
{
    /// <summary>The name means this image from now on, whatever it meant before.</summary>
    /// <param name="size">Of the manifest, in bytes.</param>
    public static void Put(string layout, ImageEntry entry, long size) => Change(layout, manifests =>
    {
        RemoveWhere(manifests, item => Name(item) == entry.Name);
        var annotations = new JsonObject { [ImageLayout.RefName] = entry.Name };
        if (entry.AskedDigest is not null) annotations[ImageLayout.AskedDigest] = entry.AskedDigest;
        manifests.Add(new JsonObject
        {
            ["mediaType"] = "application/vnd.oci.image.manifest.v1+json", ["digest"] = entry.Digest, ["size"] = size, ["annotations"] = annotations,
        });
    });

    /// <summary>Takes away one name; the image stays while it has others.</summary>
    public static void RemoveName(string layout, string name) => Change(layout, manifests => RemoveWhere(manifests, item => Name(item) == name));

    /// <summary>Takes away all names of an image.</summary>
    public static void RemoveImage(string layout, string digest) =>
        Change(layout, manifests => RemoveWhere(manifests, item => (string?)item["digest"] == digest));

    private static void Change(string layout, Action<JsonArray> change)
    {
        var path = Path.Combine(layout, "index.json");
        var index = File.Exists(path) ? Parse(path) : new JsonObject { ["schemaVersion"] = 2 };
        if (index["manifests"] is not JsonArray manifests) index["manifests"] = manifests = [];
        change(manifests);
        Directory.CreateDirectory(layout);
        if (!File.Exists(Path.Combine(layout, "oci-layout")))
            File.WriteAllText(Path.Combine(layout, "oci-layout"), """{"imageLayoutVersion": "1.0.0"}""");
        using (var file = File.Create(path + ".tmp"))
        {
            file.Write(JsonSerializer.SerializeToUtf8Bytes(index));
            file.Flush(flushToDisk: true);
        }
        File.Move(path + ".tmp", path, overwrite: true);
    }

    private static JsonObject Parse(string path)
    {
        try { return JsonNode.Parse(File.ReadAllBytes(path))?.AsObject() ?? throw new JsonException("null"); }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"image store: {path}: {e.Message}");
        }
    }

    private static void RemoveWhere(JsonArray manifests, Func<JsonNode, bool> condition)
    {
        for (var i = manifests.Count - 1; i >= 0; i--)
            if (manifests[i] is { } item && condition(item)) manifests.RemoveAt(i);
    }

    private static string? Name(JsonNode item) => (string?)item["annotations"]?[ImageLayout.RefName];
}
