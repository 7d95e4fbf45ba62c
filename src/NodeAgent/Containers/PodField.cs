using System.Text;
using KubeApi.Objects;

namespace NodeAgent.Containers;

/// <summary>
/// The value of a pod's own field, for environment variables and downward API volumes (API type ObjectFieldSelector;
/// kubelet, pkg/fieldpath and podFieldSelectorRuntimeValue).
/// </summary>
internal static class PodField
{
    /// <summary>The pod as its containers see it: with its addresses, also before the API has them.</summary>
    /// <param name="address">The pod's, or with hostNetwork the node's.</param>
    public static Pod WithAddresses(Pod pod, string? address, string hostAddress) => pod with
    {
        Status = (pod.Status ?? new PodStatus()) with
        {
            PodIP = address, PodIPs = address is null ? null : [new PodIP { Ip = address }],
            HostIP = hostAddress, HostIPs = [new HostIP { Ip = hostAddress }],
        },
    };

    /// <returns>Empty for a label or annotation that the pod does not have.</returns>
    /// <exception cref="ContainerConfigException">There is no such field.</exception>
    public static string Value(Pod pod, string path) => path switch
    {
        "metadata.name" => pod.Name,
        "metadata.namespace" => pod.Namespace,
        "metadata.uid" => pod.Metadata.Uid ?? "",
        "metadata.labels" => Text(pod.Metadata.Labels),
        "metadata.annotations" => Text(pod.Metadata.Annotations),
        "spec.nodeName" => pod.Spec!.NodeName ?? "",
        "spec.serviceAccountName" => pod.Spec!.ServiceAccountName ?? "",
        "status.podIP" => pod.Status?.PodIP ?? "",
        "status.podIPs" => string.Join(',', (pod.Status?.PodIPs ?? []).Select(address => address.Ip)),
        "status.hostIP" => pod.Status?.HostIP ?? "",
        "status.hostIPs" => string.Join(',', (pod.Status?.HostIPs ?? []).Select(address => address.Ip)),
        _ => Subscript(path, "metadata.labels", pod.Metadata.Labels) ?? Subscript(path, "metadata.annotations", pod.Metadata.Annotations)
            ?? throw new ContainerConfigException($"unsupported fieldPath: {path}"),
    };

    /// <summary><c>metadata.labels['KEY']</c>.</summary>
    private static string? Subscript(string path, string map, IReadOnlyDictionary<string, string>? values)
    {
        if (!path.StartsWith($"{map}['", StringComparison.Ordinal) || !path.EndsWith("']", StringComparison.Ordinal) || path.Length < map.Length + 4) return null;
        return values is not null && values.TryGetValue(path[(map.Length + 2)..^2], out var value) ? value : "";
    }

    /// <summary>A line <c>KEY="VALUE"</c> for each, in order of keys; the value quoted as Go quotes strings.</summary>
    private static string Text(IReadOnlyDictionary<string, string>? values) =>
        string.Join('\n', (values ?? new Dictionary<string, string>()).OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}={Quote(entry.Value)}"));

    private static string Quote(string text)
    {
        var result = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
            result.Append(rune.Value switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\t' => "\\t",
                '\r' => "\\r",
                < ' ' or 0x7f => $"\\x{rune.Value:x2}",
                _ => rune.ToString(),
            });
        return result.Append('"').ToString();
    }
}
