using System.Security.Cryptography;
using KubeApi.Objects;

namespace ControlPlane.Admission;

/// <summary>
/// What a program in a pod needs to call the API: its account's token, the cluster's CA and its namespace, as a projected
/// volume <c>kube-api-access-XXXXX</c> at the place where client libraries look. Pure, but for the name.
/// </summary>
internal static class ServiceAccountVolume
{
    public const string MountPath = "/var/run/secrets/kubernetes.io/serviceaccount";

    private const string NamePrefix = "kube-api-access-", SuffixAlphabet = "bcdfghjklmnpqrstvwxz2456789";

    private const int SuffixLength = 5, Mode = 0b110_100_100;

    /// <summary>An hour and seven seconds: told apart by it from what users ask for (kube-apiserver, ServiceAccount admission).</summary>
    private const long ExpirationSeconds = 3607;

    /// <summary>The pod's own word counts more than its account's.</summary>
    public static bool Wanted(PodSpec spec, ServiceAccount account) => spec.AutomountServiceAccountToken ?? account.AutomountServiceAccountToken ?? true;

    /// <summary>Mounts it in all containers and init containers that mount nothing of their own there.</summary>
    public static PodSpec AddTo(PodSpec spec)
    {
        var existing = spec.Volumes?.FirstOrDefault(volume => volume.Name.StartsWith(NamePrefix, StringComparison.Ordinal))?.Name;
        var name = existing ?? NamePrefix + RandomNumberGenerator.GetString(SuffixAlphabet, SuffixLength);
        if (!spec.Containers.Concat(spec.InitContainers ?? []).Any(NeedsMount)) return spec;
        return spec with
        {
            Containers = [.. spec.Containers.Select(container => Mounted(container, name))],
            InitContainers = spec.InitContainers?.Select(container => Mounted(container, name)).ToList(),
            Volumes = existing is null ? [.. spec.Volumes ?? [], Volume(name)] : spec.Volumes,
        };
    }

    private static bool NeedsMount(Container container) => container.VolumeMounts?.Any(mount => mount.MountPath == MountPath) != true;

    private static Container Mounted(Container container, string volume) => !NeedsMount(container) ? container
        : container with { VolumeMounts = [.. container.VolumeMounts ?? [], new VolumeMount { Name = volume, ReadOnly = true, MountPath = MountPath }] };

    private static Volume Volume(string name) => new()
    {
        Name = name,
        Projected = new ProjectedVolumeSource
        {
            DefaultMode = Mode,
            Sources =
            [
                new VolumeProjection { ServiceAccountToken = new ServiceAccountTokenProjection { Path = "token", ExpirationSeconds = ExpirationSeconds } },
                new VolumeProjection { ConfigMap = new ConfigMapProjection { Name = "kube-root-ca.crt", Items = [new KeyToPath { Key = "ca.crt", Path = "ca.crt" }] } },
                new VolumeProjection
                {
                    DownwardAPI = new DownwardAPIProjection
                    {
                        Items = [new DownwardAPIVolumeFile { Path = "namespace", FieldRef = new ObjectFieldSelector { ApiVersion = "v1", FieldPath = "metadata.namespace" } }],
                    },
                },
            ],
        },
    };
}
