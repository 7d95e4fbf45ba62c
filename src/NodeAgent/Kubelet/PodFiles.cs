using System.Text;
using KubeApi.Objects;

namespace NodeAgent.Kubelet;

/// <summary>A pod's names, and the texts of /etc/hosts and /etc/hostname (kubelet, pkg/kubelet/kubelet_pods.go, pkg/kubelet/util).</summary>
internal static class PodFiles
{
    /// <summary>What a UTS namespace holds (utsname(7)).</summary>
    private const int LongestHostName = 64, LongestLabel = 63;

    private const string Managed = """
        # Kubernetes-managed hosts file.
        127.0.0.1	localhost
        ::1	localhost ip6-localhost ip6-loopback
        fe00::0	ip6-localnet
        fe00::0	ip6-mcastprefix
        fe00::1	ip6-allnodes
        fe00::2	ip6-allrouters

        """;

    /// <summary>A label: a pod's name is cut to 63 characters, as the kubelet does. With hostNetwork the node's own name.</summary>
    public static string HostName(Pod pod)
    {
        if (pod.Spec!.HostNetwork == true) return Environment.MachineName;
        if (pod.Spec.HostnameOverride is { Length: > 0 } given) return given;
        var name = pod.Spec.Hostname is { Length: > 0 } hostname ? hostname : pod.Name;
        return name.Length <= LongestLabel ? name : name[..LongestLabel].TrimEnd('-', '.');
    }

    /// <summary>With a subdomain: the name under which DNS has the pod, if there is a headless Service of that name.</summary>
    public static string? FullName(Pod pod, string clusterDomain) =>
        pod.Spec is { Subdomain: { Length: > 0 } subdomain, HostnameOverride: null or "" } ? $"{HostName(pod)}.{subdomain}.{pod.Namespace}.svc.{clusterDomain}" : null;

    /// <summary>The host name that the pod's processes see.</summary>
    /// <exception cref="IOException">setHostnameAsFQDN makes it longer than the kernel takes.</exception>
    public static string KernelHostName(Pod pod, string clusterDomain)
    {
        if (pod.Spec!.SetHostnameAsFQDN != true || pod.Spec.HostNetwork == true || FullName(pod, clusterDomain) is not { } full) return HostName(pod);
        return full.Length <= LongestHostName ? full : throw new IOException(
            $"failed to construct FQDN from Pod hostname and cluster domain, FQDN {full} is too long ({LongestHostName} characters is the max, {full.Length} characters requested)");
    }

    /// <param name="nodeHosts">The node's own file, for a pod with hostNetwork.</param>
    public static string Hosts(Pod pod, string address, string clusterDomain, string nodeHosts = "")
    {
        var text = new StringBuilder();
        if (pod.Spec!.HostNetwork == true) text.Append("# Kubernetes-managed hosts file (host network).\n").Append(nodeHosts);
        else text.Append(Managed).Append(FullName(pod, clusterDomain) is { } full ? $"{address}\t{full}\t{HostName(pod)}\n" : $"{address}\t{HostName(pod)}\n");
        if (pod.Spec.HostAliases is not { Count: > 0 } aliases) return text.ToString();
        text.Append("\n# Entries added by HostAliases.\n");
        foreach (var alias in aliases) text.Append($"{alias.Ip}\t{string.Join('\t', alias.Hostnames ?? [])}\n");
        return text.ToString();
    }
}
