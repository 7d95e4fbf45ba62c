using ControlPlane.Registry;

namespace ControlPlane.ApiServer;

/// <summary>Says by name what Kubernetes has and this version has not, so that nobody looks for a fault of their own.</summary>
internal static class Unserved
{
    /// <summary>What a missing subresource would do. It can be served with any kind.</summary>
    private static readonly Dictionary<string, string> Subresources = new()
    {
        ["pods/resize"] = "does not resize running pods yet",
    };

    private static readonly HashSet<string> Resources =
    [
        "resourcequotas", "limitranges", "persistentvolumes", "persistentvolumeclaims", "podtemplates", "componentstatuses", "statefulsets.apps", "cronjobs.batch",
        "horizontalpodautoscalers.autoscaling", "ingresses.networking.k8s.io", "ingressclasses.networking.k8s.io", "networkpolicies.networking.k8s.io",
        "storageclasses.storage.k8s.io", "volumeattachments.storage.k8s.io", "csidrivers.storage.k8s.io", "csinodes.storage.k8s.io", "priorityclasses.scheduling.k8s.io",
        "runtimeclasses.node.k8s.io", "customresourcedefinitions.apiextensions.k8s.io", "apiservices.apiregistration.k8s.io",
        "validatingwebhookconfigurations.admissionregistration.k8s.io", "mutatingwebhookconfigurations.admissionregistration.k8s.io",
        "resourceslices.resource.k8s.io", "resourceclaims.resource.k8s.io",
    ];

    /// <summary>404 in Kubernetes' words, and in ours where the resource is one that Kubernetes knows.</summary>
    public static StatusException Resource(RequestTarget target)
    {
        var name = target.Group.Length == 0 ? target.Plural : $"{target.Plural}.{target.Group}";
        return Resources.Contains(name) ? StatusException.NoSuchResource($": this version does not serve {name}") : StatusException.NoSuchResource();
    }

    /// <summary>501 where Kubernetes has such a subresource, else 404.</summary>
    public static StatusException Subresource(KindRegistry kind, string subresource)
    {
        var name = $"{kind.Resource.QualifiedName}/{subresource.Split('/')[0]}";
        return Subresources.TryGetValue(name, out var what) ? StatusException.NotImplemented($"{name}: this version {what}") : StatusException.NoSuchResource();
    }
}
