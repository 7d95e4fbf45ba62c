using ControlPlane.Registry.Validation;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Registry.Pods;

/// <summary>
/// What is valid in a pod and yet hardly meant: repetitions, values that do nothing, names of yesterday. The words are those of
/// Kubernetes' own warnings (k8s.io/kubernetes pkg/api/pod/warnings.go).
/// </summary>
internal static class PodAdvice
{
    private const string NoPod = "a null labelSelector results in matching no pod";

    /// <summary>Labels of nodes that have another name by now.</summary>
    private static readonly Dictionary<string, string> FormerLabels = new()
    {
        ["beta.kubernetes.io/arch"] = "deprecated since v1.14; use \"kubernetes.io/arch\" instead",
        ["beta.kubernetes.io/os"] = "deprecated since v1.14; use \"kubernetes.io/os\" instead",
        ["failure-domain.beta.kubernetes.io/region"] = "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
        ["failure-domain.beta.kubernetes.io/zone"] = "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead",
        ["beta.kubernetes.io/instance-type"] = "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead",
    };

    /// <summary>For a name that becomes a pod's hostname and has dots.</summary>
    /// <param name="use">As what the name is used: <c>the Pod's hostname</c>.</param>
    public static IEnumerable<string> OfName(string name, string use)
    {
        if (Names.Dns1123Label(name) is { } problem)
            yield return $"metadata.name: this is used in {use}, which can result in surprising behavior; a DNS label is recommended: [{problem}]";
    }

    /// <param name="path">Where the spec stands: <c>spec</c> or <c>spec.template.spec</c>.</param>
    public static IEnumerable<string> Of(PodSpec spec, string path) =>
    [
        .. OfScheduling(spec, path),
        .. Repeated(spec.HostAliases, alias => alias.Ip, i => $"{path}.hostAliases[{i}].ip: duplicate ip"),
        .. Repeated(spec.ImagePullSecrets, secret => secret.Name, i => $"{path}.imagePullSecrets[{i}].name: duplicate name"),
        .. (spec.ImagePullSecrets ?? []).SelectMany((secret, i) => string.IsNullOrEmpty(secret.Name) ? [$"{path}.imagePullSecrets[{i}].name: invalid empty name \"\""] : Array.Empty<string>()),
        .. Fractions(spec.Overhead, $"{path}.overhead"),
        .. Containers(spec, path).SelectMany(place => OfContainer(place.Container, place.Path)),
        .. Ports(spec, path),
    ];

    private static IEnumerable<(Container Container, string Path)> Containers(PodSpec spec, string path) =>
        (spec.InitContainers ?? []).Select((container, i) => (container, $"{path}.initContainers[{i}]"))
            .Concat(spec.Containers.Select((container, i) => (container, $"{path}.containers[{i}]")));

    private static IEnumerable<string> OfScheduling(PodSpec spec, string path)
    {
        var (node, with, without) = (spec.Affinity?.NodeAffinity, spec.Affinity?.PodAffinity, spec.Affinity?.PodAntiAffinity);
        const string required = "requiredDuringSchedulingIgnoredDuringExecution", preferred = "preferredDuringSchedulingIgnoredDuringExecution";
        return
        [
            .. (spec.NodeSelector ?? new Dictionary<string, string>()).Keys.SelectMany(key => Former(key, $"{path}.nodeSelector[{key}]")),
            .. (node?.RequiredDuringSchedulingIgnoredDuringExecution?.NodeSelectorTerms ?? [])
                .SelectMany((term, i) => OfTerm(term, $"{path}.affinity.nodeAffinity.{required}.nodeSelectorTerms[{i}]")),
            .. (node?.PreferredDuringSchedulingIgnoredDuringExecution ?? []).SelectMany((term, i) => OfTerm(term.Preference, $"{path}.affinity.nodeAffinity.{preferred}[{i}].preference")),
            .. (spec.TopologySpreadConstraints ?? []).SelectMany((constraint, i) => OfSpread(constraint, $"{path}.topologySpreadConstraints[{i}]")),
            .. Terms(with?.RequiredDuringSchedulingIgnoredDuringExecution, $"{path}.affinity.podAffinity.{required}"),
            .. Weighted(with?.PreferredDuringSchedulingIgnoredDuringExecution, $"{path}.affinity.podAffinity.{preferred}"),
            .. Terms(without?.RequiredDuringSchedulingIgnoredDuringExecution, $"{path}.affinity.podAntiAffinity.{required}"),
            .. Weighted(without?.PreferredDuringSchedulingIgnoredDuringExecution, $"{path}.affinity.podAntiAffinity.{preferred}"),
        ];
    }

    private static IEnumerable<string> OfTerm(NodeSelectorTerm term, string path) =>
        (term.MatchExpressions ?? []).SelectMany((expression, i) => Former(expression.Key, $"{path}.matchExpressions[{i}].key", $"{expression.Key} is "));

    private static IEnumerable<string> OfSpread(TopologySpreadConstraint constraint, string path)
    {
        foreach (var warning in Former(constraint.TopologyKey, $"{path}.topologyKey", $"{constraint.TopologyKey} is ")) yield return warning;
        if (constraint.LabelSelector is null) yield return $"{path}.labelSelector: {NoPod}";
    }

    private static IEnumerable<string> Former(string label, string path, string subject = "")
    {
        if (FormerLabels.TryGetValue(label, out var text)) yield return $"{path}: {subject}{text}";
    }

    private static IEnumerable<string> Terms(IReadOnlyList<PodAffinityTerm>? terms, string path) =>
        (terms ?? []).SelectMany((term, i) => term.LabelSelector is null ? [$"{path}[{i}].labelSelector: {NoPod}"] : Array.Empty<string>());

    private static IEnumerable<string> Weighted(IReadOnlyList<WeightedPodAffinityTerm>? terms, string path) =>
        (terms ?? []).SelectMany((term, i) => term.PodAffinityTerm.LabelSelector is null ? [$"{path}[{i}].podAffinityTerm.labelSelector: {NoPod}"] : Array.Empty<string>());

    private static IEnumerable<string> Repeated<T>(IReadOnlyList<T>? items, Func<T, string?> name, Func<int, string> where)
    {
        var seen = new HashSet<string>();
        for (var i = 0; i < items?.Count; i++)
            if (!seen.Add(name(items[i]) ?? "")) yield return $"{where(i)} {GoText.Quote(name(items[i]) ?? "")}";
    }

    private static IEnumerable<string> OfContainer(Container container, string path) =>
    [
        .. Fractions(container.Resources?.Limits, $"{path}.resources.limits"),
        .. Fractions(container.Resources?.Requests, $"{path}.resources.requests"),
        .. Hidden(container.Env ?? [], path),
    ];

    private static IEnumerable<string> Fractions(IReadOnlyDictionary<string, Quantity>? amounts, string path)
    {
        foreach (var name in new[] { "memory", "ephemeral-storage" })
            if (amounts is not null && amounts.TryGetValue(name, out var amount) && amount.MilliValue % 1000 != 0)
                yield return $"{path}[{name}]: fractional byte value \"{amount}\" is invalid, must be an integer";
    }

    /// <summary>A variable may be given again to add to it: <c>PATH=$(PATH):/more</c>.</summary>
    private static IEnumerable<string> Hidden(IReadOnlyList<EnvVar> env, string path)
    {
        var seen = new HashSet<string>();
        for (var i = 0; i < env.Count; i++)
        {
            if (seen.Add(env[i].Name)) continue;
            var reference = $"$({env[i].Name})";
            if (env[i].ValueFrom is not null || env[i].Value == reference || env[i].Value?.Contains(reference, StringComparison.Ordinal) != true)
                yield return $"{path}.env[{i}]: hides previous definition of {GoText.Quote(env[i].Name)}, which may be dropped when using apply";
        }
    }

    /// <summary>Over all containers, which share one network.</summary>
    private static IEnumerable<string> Ports(PodSpec spec, string path)
    {
        var places = Containers(spec, path).SelectMany(place => (place.Container.Ports ?? []).Select((port, i) => (Port: port, Path: $"{place.Path}.ports[{i}]")));
        foreach (var same in places.GroupBy(place => (place.Port.Port, place.Port.Protocol)))
        {
            var (first, path0) = same.First();
            foreach (var (port, where) in same.Skip(1))
                if (Clash(first, port) is { } clash) yield return $"{where}: {clash} port definition with {path0}";
        }
    }

    private static string? Clash(ContainerPort first, ContainerPort second)
    {
        var sameHostPort = (first.HostPort ?? 0) == (second.HostPort ?? 0);
        var (address, other) = (first.HostIP ?? "", second.HostIP ?? "");
        return sameHostPort && address == other ? "duplicate"
            : first.HostPort is null or 0 || second.HostPort is null or 0 ? "overlapping"
            : sameHostPort && (address.Length == 0 || other.Length == 0) ? "dangerously ambiguous" : null;
    }
}
