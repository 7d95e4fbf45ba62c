using ControlPlane.Authentication;
using ControlPlane.Store;
using KubeApi.Objects;

namespace ControlPlane.Authorization;

/// <summary>
/// Who may do what: system:masters everything; a node's agent what concerns its node (<see cref="NodeAuthorizer"/>);
/// everybody what RBAC gives them. The first that allows decides.
/// </summary>
internal sealed class Authorizer
{
    /// <summary>Health says nothing that needs a right (kube-apiserver --authorization-always-allow-paths).</summary>
    private static readonly string[] AlwaysAllowed = ["/healthz", "/livez", "/readyz"];

    private readonly NodeAuthorizer nodes;

    public Authorizer(ObjectStore store)
    {
        Rbac = new RbacAuthorizer(new RbacIndex(store));
        nodes = new NodeAuthorizer(new NodeGraph(store));
    }

    public RbacAuthorizer Rbac { get; }

    public Decision Authorize(AccessRequest request)
    {
        if (request.User.Groups.Contains(User.Masters) || request.Resource.Length == 0 && AlwaysAllowed.Contains(request.Path)) return new Decision(true, "");
        var node = nodes.Authorize(request);
        if (node.Allowed) return node;
        var rbac = Rbac.Authorize(request);
        return rbac.Allowed ? rbac : new Decision(false, string.Join('\n', new[] { node.Reason, rbac.Reason }.Where(reason => reason.Length > 0)));
    }

    /// <summary>Also what one may do that stands in no role.</summary>
    public (IReadOnlyList<PolicyRule> Rules, string Error) RulesFor(User user, string ns) => user.Groups.Contains(User.Masters)
        ? ([new PolicyRule { Verbs = ["*"], ApiGroups = ["*"], Resources = ["*"] }, new PolicyRule { Verbs = ["*"], NonResourceURLs = ["*"] }], "")
        : user.Node is not null ? (Rbac.RulesFor(user, ns).Rules, "node authorizer does not support user rule resolution")
        : Rbac.RulesFor(user, ns);
}
