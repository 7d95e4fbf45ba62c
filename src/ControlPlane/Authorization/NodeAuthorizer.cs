using KubeApi.Objects;

namespace ControlPlane.Authorization;

/// <summary>
/// What the agent of a node may do (Kubernetes' Node authorizer): what <see cref="DefaultRoles.Node"/> and <see cref="DefaultRoles.NodeProxier"/> list, but of Secrets,
/// ConfigMaps and tokens only those that pods of its node refer to, and of pods and leases only its own.
/// <see cref="NodeRestriction"/> narrows writes further, where the object must be seen for it.
/// </summary>
internal sealed class NodeAuthorizer(NodeGraph graph)
{
    /// <summary>Known before the first role is stored: nodes come while the control plane starts.</summary>
    private static readonly IReadOnlyList<PolicyRule> Rules = [.. DefaultRoles.Node.Rules!, .. DefaultRoles.NodeProxier.Rules!];

    private const string LeaseNamespace = "kube-node-lease";

    public Decision Authorize(AccessRequest request)
    {
        if (request.User.Node is not { } node || request.Resource.Length == 0) return new Decision(false, "");
        if (node.Length == 0) return new Decision(false, "unknown node for user \"" + request.User.Name + "\"");
        var refusal = (request.Group, request.Resource) switch
        {
            ("", "secrets" or "configmaps") => Read(request, node),
            ("", "persistentvolumeclaims") when request.Verb == "get" => Related(request, node),
            ("", "serviceaccounts") => Token(request, node),
            ("", "pods") when request.Verb is "get" or "list" or "watch" => Pods(request, node), // pods/status shows the whole pod as well
            ("", "nodes") when request.Verb is "update" or "patch" && request.Name != node => "can only modify the node with the same name as the requesting node",
            ("coordination.k8s.io", "leases") => Lease(request, node),
            ("certificates.k8s.io", "certificatesigningrequests") when request.Verb is "get" or "list" or "watch" => SigningRequest(request),
            _ => null,
        };
        if (refusal is not null) return new Decision(false, refusal);
        return new Decision(Rules.Any(rule => RuleMatch.Allows(rule, request)), "");
    }

    private string? Read(AccessRequest request, string node) =>
        request.Verb is not ("get" or "list" or "watch") || request.Namespace.Length == 0 ? "can only read namespaced object of this type"
        : request.Subresource.Length > 0 ? "cannot read subresource"
        : Related(request, node);

    private string? Token(AccessRequest request, string node) =>
        request.Verb != "create" || request.Name.Length == 0 ? "can only create tokens for individual service accounts"
        : request.Subresource != "token" ? "can only create token subresource of serviceaccount"
        : Related(request, node);

    private string? Related(AccessRequest request, string node) =>
        request.Name.Length == 0 ? "No Object name found"
        : graph.Refers(node, request.Resource, request.Namespace, request.Name) ? null
        : $"no relationship found between node '{node}' and this object";

    private string? Pods(AccessRequest request, string node)
    {
        // The agent must learn that a pod is gone: a pod that does not exist may be asked for, and the answer is 404.
        if (request.Verb == "get") return graph.NodeOf(request.Namespace, request.Name) is { } other && other != node
            ? $"no relationship found between node '{node}' and this object" : null;
        return request.Fields.Required("spec.nodeName") == node ? null : "can only list/watch pods with spec.nodeName field selector";
    }

    /// <summary>One by one, and its own only (Kubernetes shows a node those of all).</summary>
    private string? SigningRequest(AccessRequest request)
    {
        var name = request.Verb == "get" ? request.Name : request.Fields.Required("metadata.name") ?? "";
        return name.Length == 0 ? "can only list/watch certificatesigningrequests with metadata.name field selector"
            : graph.RequestorOf(name) is { } requestor && requestor != request.User.Name ? "can only read certificatesigningrequests of its own" : null;
    }

    private static string? Lease(AccessRequest request, string node) =>
        request.Verb is not ("get" or "create" or "update" or "patch" or "delete") ? "can only get, create, update, patch, or delete a node lease"
        : request.Namespace != LeaseNamespace ? $"can only access leases in the \"{LeaseNamespace}\" system namespace"
        : request.Verb != "create" && request.Name != node ? "can only access node lease with the same name as the requesting node" : null;
}
