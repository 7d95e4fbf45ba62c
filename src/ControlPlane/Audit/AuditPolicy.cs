using ControlPlane.Authentication;
using ControlPlane.Authorization;

namespace ControlPlane.Audit;

/// <summary>
/// Which requests the audit log tells of: every write, every refusal, every read of a Secret, every request made as
/// somebody else. Not what the cluster's own machinery does all the time: reads, and leases, events and heartbeats of
/// nodes and of the control plane; and not discovery and health.
/// </summary>
internal static class AuditPolicy
{
    public static bool Tells(AuditedRequest request, int code)
    {
        if (code is >= 400 and < 500 and not (404 or 409 or 410)) return true;
        if (request is not { User: { } user, Access: { } access } || access.Resource.Length == 0) return false;
        if (!ReferenceEquals(user, access.User) || access.Resource == "secrets") return true;
        var own = user.Node is not null || user.Name.StartsWith("system:kube-", StringComparison.Ordinal);
        if (access.Verb is "get" or "list" or "watch") return !own;
        return !own || access.Resource is not ("leases" or "events") && access is not { Resource: "nodes", Subresource: "status" };
    }
}
