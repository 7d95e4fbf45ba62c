using ControlPlane.Registry.Validation;
using KubeApi.Objects;

namespace ControlPlane.Registry.Pods;

/// <summary>
/// What is wrong with a PodSpec, in a pod (<c>spec</c>) or a template (<c>spec.template.spec</c>); paths and words
/// of k8s.io/kubernetes core/validation.
/// </summary>
internal static class PodSpecValidation
{
    private static readonly string[] RestartPolicies = ["Always", "Never", "OnFailure"];
    private static readonly string[] DnsPolicies = ["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"];
    private static readonly string[] PreemptionPolicies = ["Never", "PreemptLowerPriority"];

    public static void Validate(PodSpec spec, string path, FieldErrors errors)
    {
        var volumes = VolumeValidation.Validate(spec.Volumes ?? [], $"{path}.volumes", errors);
        Containers(spec, volumes, path, errors);
        errors.OneOf($"{path}.restartPolicy", spec.RestartPolicy, RestartPolicies);
        errors.OneOf($"{path}.dnsPolicy", spec.DnsPolicy, DnsPolicies);
        ObjectMetaValidation.Labels(spec.NodeSelector, $"{path}.nodeSelector", errors);
        Numbers(spec, path, errors);
        NamesOf(spec, path, errors);
        TolerationValidation.Validate(spec.Tolerations ?? [], $"{path}.tolerations", errors);
        AffinityValidation.Validate(spec, path, errors);
        SchedulingGates(spec.SchedulingGates ?? [], $"{path}.schedulingGates", errors);
        HostAliases(spec.HostAliases ?? [], $"{path}.hostAliases", errors);
        DnsConfig(spec, $"{path}.dnsConfig", errors);
        HostNamespaces(spec, path, errors);
        SecurityValidation.Pod(spec, path, errors);
        if (spec.PreemptionPolicy is { } preemption) errors.OneOf($"{path}.preemptionPolicy", preemption, PreemptionPolicies);
        if (spec.Os is { } os) errors.OneOf($"{path}.os.name", os.Name, "linux", "windows");
    }

    private static void Containers(PodSpec spec, IReadOnlySet<string> volumes, string path, FieldErrors errors)
    {
        if (spec.Containers.Count == 0) errors.Required($"{path}.containers");
        var names = new HashSet<string>();
        for (var i = 0; i < spec.Containers.Count; i++)
            ContainerValidation.Validate(spec.Containers[i], names, volumes, isInit: false, $"{path}.containers[{i}]", errors);
        for (var i = 0; i < (spec.InitContainers?.Count ?? 0); i++)
            ContainerValidation.Validate(spec.InitContainers![i], names, volumes, isInit: true, $"{path}.initContainers[{i}]", errors);
        HostPorts(spec, path, errors);
        for (var i = 0; i < spec.Containers.Count; i++) Lifecycle(spec, spec.Containers[i].Lifecycle, $"{path}.containers[{i}].lifecycle", errors);
        for (var i = 0; i < (spec.InitContainers?.Count ?? 0); i++) Lifecycle(spec, spec.InitContainers![i].Lifecycle, $"{path}.initContainers[{i}].lifecycle", errors);
    }

    /// <summary>What of a container's lifecycle depends on its pod.</summary>
    private static void Lifecycle(PodSpec spec, Lifecycle? lifecycle, string path, FieldErrors errors)
    {
        var grace = spec.TerminationGracePeriodSeconds ?? 30;
        foreach (var (hook, name) in new[] { (lifecycle?.PostStart, "postStart"), (lifecycle?.PreStop, "preStop") })
            if (hook?.Sleep is { } sleep && (sleep.Seconds < 0 || sleep.Seconds > grace))
                errors.Invalid($"{path}.{name}.sleep", sleep.Seconds, $"must be non-negative and less than terminationGracePeriodSeconds ({grace})");
        if (lifecycle?.StopSignal is not null && spec.Os is null) errors.Forbidden($"{path}.stopSignal", "may not be set for containers with empty `spec.os.name`");
    }

    /// <summary>No two containers may ask for the same port of the node.</summary>
    private static void HostPorts(PodSpec spec, string path, FieldErrors errors)
    {
        var taken = new HashSet<string>();
        for (var i = 0; i < spec.Containers.Count; i++)
        {
            var ports = spec.Containers[i].Ports ?? [];
            for (var j = 0; j < ports.Count; j++)
            {
                if (ports[j].HostPort is not { } port || port == 0) continue;
                var key = $"{ports[j].Protocol}/{ports[j].HostIP}/{port}";
                if (!taken.Add(key)) errors.Duplicate($"{path}.containers[{i}].ports[{j}].hostPort", key);
                if (spec.HostNetwork == true && port != ports[j].Port)
                    errors.Invalid($"{path}.containers[{i}].ports[{j}].containerPort", ports[j].Port, "must match `hostPort` when `hostNetwork` is true");
            }
        }
    }

    private static void Numbers(PodSpec spec, string path, FieldErrors errors)
    {
        if (spec.TerminationGracePeriodSeconds is { } grace) errors.Check($"{path}.terminationGracePeriodSeconds", grace, Names.NotNegative(grace));
        if (spec.ActiveDeadlineSeconds is < 1 or > int.MaxValue)
            errors.Invalid($"{path}.activeDeadlineSeconds", spec.ActiveDeadlineSeconds, $"must be between 1 and {int.MaxValue}, inclusive");
    }

    private static void NamesOf(PodSpec spec, string path, FieldErrors errors)
    {
        Check("serviceAccountName", spec.ServiceAccountName, Names.Dns1123Subdomain);
        Check("nodeName", spec.NodeName, Names.Dns1123Subdomain);
        Check("hostname", spec.Hostname, Names.Dns1123Label);
        Check("subdomain", spec.Subdomain, Names.Dns1123Label);
        Check("priorityClassName", spec.PriorityClassName, Names.Dns1123Subdomain);
        Check("runtimeClassName", spec.RuntimeClassName, Names.Dns1123Subdomain);
        Check("schedulerName", spec.SchedulerName, Names.Dns1123Subdomain);
        for (var i = 0; i < (spec.ImagePullSecrets?.Count ?? 0); i++)
            if (string.IsNullOrEmpty(spec.ImagePullSecrets![i].Name)) errors.Required($"{path}.imagePullSecrets[{i}].name");
        for (var i = 0; i < (spec.ReadinessGates?.Count ?? 0); i++)
            errors.Check($"{path}.readinessGates[{i}].conditionType", spec.ReadinessGates![i].ConditionType, Names.QualifiedName(spec.ReadinessGates[i].ConditionType));

        void Check(string field, string? name, Func<string, string?> rule)
        {
            if (!string.IsNullOrEmpty(name)) errors.Check($"{path}.{field}", name, rule(name));
        }
    }

    private static void SchedulingGates(IReadOnlyList<PodSchedulingGate> gates, string path, FieldErrors errors)
    {
        var names = new HashSet<string>();
        for (var i = 0; i < gates.Count; i++)
        {
            errors.Check($"{path}[{i}]", gates[i].Name, Names.QualifiedName(gates[i].Name));
            if (!names.Add(gates[i].Name)) errors.Duplicate($"{path}[{i}]", gates[i].Name);
        }
    }

    private static void HostAliases(IReadOnlyList<HostAlias> aliases, string path, FieldErrors errors)
    {
        for (var i = 0; i < aliases.Count; i++)
        {
            errors.Check($"{path}[{i}].ip", aliases[i].Ip, IpAddress.Problem(aliases[i].Ip));
            foreach (var name in aliases[i].Hostnames ?? []) errors.Check($"{path}[{i}].hostnames", name, Names.Dns1123Subdomain(name));
        }
    }

    private static void DnsConfig(PodSpec spec, string path, FieldErrors errors)
    {
        var servers = spec.DnsConfig?.Nameservers ?? [];
        if (spec.DnsPolicy == "None" && servers.Count == 0)
            errors.Required($"{path}.nameservers", "must provide at least one DNS nameserver when `dnsPolicy` is None");
        if (servers.Count > 3) errors.Invalid($"{path}.nameservers", servers, "must not have more than 3 nameservers");
        for (var i = 0; i < servers.Count; i++) errors.Check($"{path}.nameservers[{i}]", servers[i], IpAddress.Problem(servers[i]));
        var options = spec.DnsConfig?.Options ?? [];
        for (var i = 0; i < options.Count; i++)
            if (string.IsNullOrEmpty(options[i].Name)) errors.Required($"{path}.options[{i}]", "must not be empty");
    }

    private static void HostNamespaces(PodSpec spec, string path, FieldErrors errors)
    {
        if (spec is { HostPID: true, ShareProcessNamespace: true })
            errors.Invalid($"{path}.securityContext.shareProcessNamespace", true, "ShareProcessNamespace and HostPID cannot both be enabled");
    }
}
