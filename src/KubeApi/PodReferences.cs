using KubeApi.Objects;

namespace KubeApi;

/// <summary>The objects of its namespace that a pod needs on its node (pkg/api/v1/pod VisitPodSecretNames, VisitPodConfigmapNames). Pure.</summary>
public static class PodReferences
{
    /// <summary>Annotation of a pod that stands for one that its node made by itself, from a file (a static pod).</summary>
    public const string MirrorAnnotation = "kubernetes.io/config.mirror";

    /// <summary>Resource and name: secrets, configmaps, serviceaccounts, persistentvolumeclaims. A name may come more than once.</summary>
    public static IEnumerable<(string Resource, string Name)> Of(Pod pod)
    {
        // A mirror pod stands for a pod of the node's own making: it must not open doors.
        if (pod.Spec is not { } spec || pod.Metadata.Annotations?.ContainsKey(MirrorAnnotation) == true) return [];
        var containers = (spec.InitContainers ?? []).Concat(spec.Containers ?? []);
        return containers.SelectMany(container => OfEnvironment(container.Env, container.EnvFrom))
            .Concat((spec.EphemeralContainers ?? []).SelectMany(container => OfEnvironment(container.Env, container.EnvFrom)))
            .Concat((spec.ImagePullSecrets ?? []).Select(secret => ("secrets", secret.Name)))
            .Concat((spec.Volumes ?? []).SelectMany(Of))
            .Append(("serviceaccounts", spec.ServiceAccountName))
            .Where(reference => !string.IsNullOrEmpty(reference.Item2)).Select(reference => (reference.Item1, reference.Item2!));
    }

    private static IEnumerable<(string, string?)> OfEnvironment(IReadOnlyList<EnvVar>? variables, IReadOnlyList<EnvFromSource>? sources)
    {
        foreach (var variable in variables ?? [])
        {
            yield return ("secrets", variable.ValueFrom?.SecretKeyRef?.Name);
            yield return ("configmaps", variable.ValueFrom?.ConfigMapKeyRef?.Name);
        }
        foreach (var source in sources ?? [])
        {
            yield return ("secrets", source.SecretRef?.Name);
            yield return ("configmaps", source.ConfigMapRef?.Name);
        }
    }

    private static IEnumerable<(string, string?)> Of(Volume volume)
    {
        yield return ("secrets", volume.Secret?.SecretName);
        yield return ("configmaps", volume.ConfigMap?.Name);
        yield return ("secrets", volume.Csi?.NodePublishSecretRef?.Name);
        yield return ("persistentvolumeclaims", volume.PersistentVolumeClaim?.ClaimName);
        foreach (var source in volume.Projected?.Sources ?? [])
        {
            yield return ("secrets", source.Secret?.Name);
            yield return ("configmaps", source.ConfigMap?.Name);
        }
    }
}
