using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>
/// Who may do what. system:masters (the administrator and the control plane's own components) may do everything; a
/// node's agent only what concerns its node (as Kubernetes' Node authorizer and NodeRestriction); all others nothing.
/// </summary>
internal sealed class Authorization(ObjectStore store)
{
    /// <summary>Which objects a rule reaches.</summary>
    private enum Reach
    {
        /// <summary>All of the resource.</summary>
        Any,

        /// <summary>The object that is named like the node.</summary>
        Own,

        /// <summary>As Own, in the namespace kube-node-lease.</summary>
        OwnLease,

        /// <summary>Pods bound to the node: one by name, or a list or watch with fieldSelector spec.nodeName=NODE.</summary>
        BoundPods,
    }

    private sealed record Rule(string Verbs, string Resource, Reach Reach);

    private static readonly Rule[] NodeRules =
    [
        new("get list watch", "services", Reach.Any),
        new("get list watch", "endpoints", Reach.Any),
        new("get list watch", "endpointslices.discovery.k8s.io", Reach.Any),
        new("get list watch", "nodes", Reach.Any),
        new("get list watch", "namespaces", Reach.Any),
        new("create update patch", "nodes", Reach.Own),
        new("get update patch", "nodes/status", Reach.Own),
        new("get create update patch", "leases.coordination.k8s.io", Reach.OwnLease),
        new("get list watch delete", "pods", Reach.BoundPods),
        new("get update patch", "pods/status", Reach.BoundPods),
        new("create update patch", "events", Reach.Any),
    ];

    /// <exception cref="StatusException">403.</exception>
    public void Check(ApiRequest request)
    {
        var user = request.User;
        if (user.Groups.Contains(User.Masters)) return;
        var resource = request.Resource.QualifiedName + (request.Target.Subresource.Length > 0 ? "/" + request.Target.Subresource : "");
        if (user.Node is { } node && NodeRules.Any(rule => rule.Resource == resource && rule.Verbs.Split(' ').Contains(request.Verb) && Reaches(rule.Reach, request, node, request.Name))) return;
        throw Refused(request);
    }

    /// <summary>A create names its object in the body only, so this looks once more when that is read.</summary>
    /// <exception cref="StatusException">403.</exception>
    public void CheckCreated(ApiRequest request, KubeObject obj)
    {
        if (request.User.Node is { } node && request.Resource.Plural is "nodes" or "leases" && obj.Name != node && !request.User.Groups.Contains(User.Masters))
            throw Refused(request);
    }

    /// <summary>Paths that belong to no resource: everyone may see health and version, everyone known the discovery.</summary>
    /// <exception cref="StatusException">403.</exception>
    public static void CheckPath(User user, string method, string path)
    {
        var open = path is "/version" or "/healthz" or "/livez" or "/readyz" || path.StartsWith("/livez/", StringComparison.Ordinal) || path.StartsWith("/readyz/", StringComparison.Ordinal);
        if (!open && user.IsAnonymous) throw StatusException.ForbiddenPath(user, method.ToLowerInvariant(), path);
    }

    private bool Reaches(Reach reach, ApiRequest request, string node, string name) => reach switch
    {
        Reach.Any => true,
        Reach.Own => request.Verb == "create" || name == node,
        Reach.OwnLease => request.Namespace == "kube-node-lease" && (request.Verb == "create" || name == node),
        // A pod that is gone may be asked for: the agent must learn that it is (404).
        _ => name.Length > 0 ? store.Snapshot.Get(request.Key)?.Object is not Pod pod || pod.Spec?.NodeName == node
            : request.Verb is "list" or "watch" && SelectedNode(request) == node,
    };

    private static string? SelectedNode(ApiRequest request)
    {
        try { return FieldSelector.Parse(request.Query("fieldSelector")).Required("spec.nodeName"); }
        catch (FormatException) { return null; }
    }

    private static StatusException Refused(ApiRequest request)
    {
        var resource = request.Resource;
        var what = resource.Plural + (request.Target.Subresource.Length > 0 ? "/" + request.Target.Subresource : "");
        var where = request.Namespace.Length > 0 ? $"in the namespace \"{request.Namespace}\"" : "at the cluster scope";
        return StatusException.Forbidden(resource, request.Name,
            $"User \"{request.User.Name}\" cannot {request.Verb} resource \"{what}\" in API group \"{resource.Group}\" {where}");
    }
}
