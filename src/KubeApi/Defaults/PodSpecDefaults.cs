using KubeApi.Objects;

namespace KubeApi.Defaults;

/// <summary>What a PodSpec means where it is silent, in a pod as in a template (k8s.io/kubernetes core/v1 defaults).</summary>
public static class PodSpecDefaults
{
    public static PodTemplateSpec Apply(PodTemplateSpec template) => template with { Spec = Apply(template.Spec ?? new PodSpec()) };

    public static PodSpec Apply(PodSpec spec)
    {
        var hostNetwork = spec.HostNetwork == true;
        var account = string.IsNullOrEmpty(spec.ServiceAccountName) ? spec.ServiceAccount : spec.ServiceAccountName;
        return spec with
        {
            RestartPolicy = Or(spec.RestartPolicy, "Always"),
            DnsPolicy = Or(spec.DnsPolicy, "ClusterFirst"),
            SchedulerName = Or(spec.SchedulerName, "default-scheduler"),
            SecurityContext = spec.SecurityContext ?? new PodSecurityContext(),
            TerminationGracePeriodSeconds = spec.TerminationGracePeriodSeconds is { } grace ? grace < 0 ? 1 : grace : 30,
            ServiceAccountName = account,
            ServiceAccount = account, // the old name of the same field
            Containers = spec.Containers.Select(c => ContainerDefaults.Apply(c, hostNetwork)).ToList(),
            InitContainers = spec.InitContainers?.Select(c => ContainerDefaults.Apply(c, hostNetwork)).ToList(),
            Volumes = spec.Volumes?.Select(VolumeDefaults.Apply).ToList(),
        };
    }

    public static string Or(string? value, string otherwise) => string.IsNullOrEmpty(value) ? otherwise : value;
}
