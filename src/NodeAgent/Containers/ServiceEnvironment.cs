using KubeApi.Objects;

namespace NodeAgent.Containers;

/// <summary>
/// The environment variables by which a container finds the Services that exist when it starts: those of its own
/// namespace, unless enableServiceLinks is false, and always <c>kubernetes</c> (kubelet, pkg/kubelet/envvars).
/// </summary>
internal static class ServiceEnvironment
{
    private const string ApiService = "kubernetes";

    public static IReadOnlyList<string> Of(Pod pod, IEnumerable<Service> services)
    {
        var all = services.Where(service => service.Spec?.ClusterIP is { Length: > 0 } address && address != "None").ToList();
        var links = pod.Spec!.EnableServiceLinks != false;
        var seen = all.Where(service => service.Namespace == "default" && service.Name == ApiService)
            .Concat(all.Where(service => links && service.Namespace == pod.Namespace && !(service.Namespace == "default" && service.Name == ApiService)))
            .OrderBy(service => service.Name, StringComparer.Ordinal);
        return [.. seen.SelectMany(Variables)];
    }

    private static IEnumerable<string> Variables(Service service)
    {
        var (prefix, address, ports) = (Name(service.Name), service.Spec!.ClusterIP!, service.Spec.Ports ?? []);
        if (ports.Count == 0) yield break;
        yield return $"{prefix}_SERVICE_HOST={address}";
        yield return $"{prefix}_SERVICE_PORT={ports[0].Port}";
        foreach (var port in ports.Where(port => port.Name is { Length: > 0 })) yield return $"{prefix}_SERVICE_PORT_{Name(port.Name!)}={port.Port}";
        // What docker's --link used to set.
        var host = address.Contains(':') ? $"[{address}]" : address;
        var protocolOfFirst = (ports[0].Protocol ?? "TCP").ToLowerInvariant();
        yield return $"{prefix}_PORT={protocolOfFirst}://{host}:{ports[0].Port}";
        foreach (var port in ports)
        {
            var protocol = port.Protocol ?? "TCP";
            var link = $"{prefix}_PORT_{port.Port}_{protocol}";
            yield return $"{link}={protocol.ToLowerInvariant()}://{host}:{port.Port}";
            yield return $"{link}_PROTO={protocol.ToLowerInvariant()}";
            yield return $"{link}_PORT={port.Port}";
            yield return $"{link}_ADDR={address}";
        }
    }

    private static string Name(string name) => name.ToUpperInvariant().Replace('-', '_');
}
