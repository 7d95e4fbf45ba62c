using System.Text;
using KubeApi.Objects;

namespace NodeAgent.Volumes;

/// <summary>Pure: the keys of a Secret or ConfigMap → files by path (kubelet, secret.MakePayload and configmap.MakePayload).</summary>
internal static class KeyFiles
{
    /// <exception cref="VolumeException">It does not exist, or has not all of the keys, and is not optional.</exception>
    public static Dictionary<string, VolumeFile> Of(Secret? secret, string? name, IReadOnlyList<KeyToPath>? items, int mode, bool optional)
    {
        if (secret is null) return optional ? [] : throw new VolumeException($"secret \"{name}\" not found");
        return Of(secret.Data ?? new Dictionary<string, byte[]>(), items, mode, optional, "references non-existent secret key");
    }

    /// <inheritdoc cref="Of(Secret?, string?, IReadOnlyList{KeyToPath}?, int, bool)"/>
    public static Dictionary<string, VolumeFile> Of(ConfigMap? map, string? name, IReadOnlyList<KeyToPath>? items, int mode, bool optional)
    {
        if (map is null) return optional ? [] : throw new VolumeException($"configmap \"{name}\" not found");
        var data = new Dictionary<string, byte[]>(map.BinaryData ?? new Dictionary<string, byte[]>());
        foreach (var (key, text) in map.Data ?? new Dictionary<string, string>()) data[key] = Encoding.UTF8.GetBytes(text);
        return Of(data, items, mode, optional, "configmap references non-existent config key");
    }

    private static Dictionary<string, VolumeFile> Of(IReadOnlyDictionary<string, byte[]> data, IReadOnlyList<KeyToPath>? items, int mode, bool optional, string missing)
    {
        if (items is not { Count: > 0 }) return data.ToDictionary(entry => entry.Key, entry => new VolumeFile(entry.Value, mode));
        var files = new Dictionary<string, VolumeFile>();
        foreach (var item in items)
            if (data.TryGetValue(item.Key, out var bytes)) files[item.Path] = new VolumeFile(bytes, item.Mode ?? mode);
            else if (!optional) throw new VolumeException($"{missing}: {item.Key}");
        return files;
    }
}
