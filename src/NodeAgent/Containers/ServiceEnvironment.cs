using KubeApi.Objects;

namespace NodeAgent.Containers;

/// <summary>
/// The environment variables by which a container finds the Services that exist when it starts: those of its own
/// namespace, unless enableServiceLinks is false, and always <c>kubernetes</c> (kubelet, pkg/kubelet/envvars).
/// </summary>
internal static class ServiceEnvironment
{
    private const string ApiService = "kubernetes";

    /// <returns>Values by name. Where two Services' variables bear one name, that of the later Service by name holds.</returns>
    public static IReadOnlyDictionary<string, string> Of(Pod pod, IEnumerable<Service> services)
    {
        var all = services.Where(service => service.Spec?.ClusterIP is { Length: > 0 } address && address != "None").ToList();
        var links = pod.Spec!.EnableServiceLinks != false;
        // A Service "kubernetes" of the pod's own namespace takes the place of the API's, as with the kubelet.
        var seen = all.Where(service => service.Namespace == "default" && service.Name == ApiService)
            .Concat(all.Where(service => links && service.Namespace == pod.Namespace && !(service.Namespace == "default" && service.Name == ApiService)))
            .GroupBy(service => service.Name).Select(same => same.Last()).OrderBy(service => service.Name, StringComparer.Ordinal);
        var result = new OrderedDictionary<string, string>();
        foreach (var entry in seen.SelectMany(Variables)) result[entry.Key] = entry.Value;
        return result;
    }

    private static IEnumerable<KeyValuePair<string, string>> Variables(Service service)
    {
        var (prefix, address, ports) = (Name(service.Name), service.Spec!.ClusterIP!, service.Spec.Ports ?? []);
        if (ports.Count == 0) yield break;
        yield return new($"{prefix}_SERVICE_HOST", $"{address}");
        yield return new($"{prefix}_SERVICE_PORT", $"{ports[0].Port}");
        foreach (var port in ports.Where(port => port.Name is { Length: > 0 })) yield return new($"{prefix}_SERVICE_PORT_{Name(port.Name!)}", $"{port.Port}");
        // What docker's --link used to set.
        var host = address.Contains(':') ? $"[{address}]" : address;
        var protocolOfFirst = (ports[0].Protocol ?? "TCP").ToLowerInvariant();
        yield return new($"{prefix}_PORT", $"{protocolOfFirst}://{host}:{ports[0].Port}");
        foreach (var port in ports)
        {
            var protocol = port.Protocol ?? "TCP";
            var link = $"{prefix}_PORT_{port.Port}_{protocol}";
            yield return new($"{link}", $"{protocol.ToLowerInvariant()}://{host}:{port.Port}");
            yield return new($"{link}_PROTO", $"{protocol.ToLowerInvariant()}");
            yield return new($"{link}_PORT", $"{port.Port}");
            yield return new($"{link}_ADDR", $"{address}");
        }
    }

    private static string Name(string name) => name.ToUpperInvariant().Replace('-', '_');
}
