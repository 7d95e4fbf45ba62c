using ControlPlane.Authentication;
using ControlPlane.Authorization;

namespace ControlPlane.ApiServer;

/// <summary>
/// How many requests may be under way at once; one more is answered 429 (apiserver WithMaxInFlightLimit). Watches, streams
/// to nodes and health are not counted. The cluster's own parts have places of their own, so that no crowd of other clients keeps
/// a node's lease or a controller waiting, and administrators a few more, so that they can end the trouble.
/// </summary>
/// <param name="readOnly">Requests that only read (kube-apiserver --max-requests-inflight).</param>
/// <param name="mutating">Requests that write (--max-mutating-requests-inflight).</param>
internal sealed class InFlightLimits(int readOnly, int mutating)
{
    private readonly Pool reads = new(readOnly), writes = new(mutating), ownReads = new(readOnly), ownWrites = new(mutating);

    /// <summary>Takes a place until the answer is disposed of; null where the request needs none.</summary>
    /// <exception cref="StatusException">429.</exception>
    public IDisposable? Enter(AccessRequest access)
    {
        if (access.Verb == "watch" || IsStream(access) || access.Path is "/healthz" or "/livez" or "/readyz" || IsLeaseOfNode(access)) return null;
        var reading = access.Verb is "get" or "list" or "head" or "options";
        var pool = IsOwn(access.User) ? reading ? ownReads : ownWrites : reading ? reads : writes;
        var reserve = access.User.Groups.Contains(User.Masters) ? pool.Size / 10 + 1 : 0;
        return pool.TryEnter(reserve) ? pool : throw StatusException.TooManyRequests();
    }

    private static bool IsOwn(User user) =>
        user.Node is not null || user.Name == "system:apiserver" || user.Name.StartsWith("system:kube-", StringComparison.Ordinal);

    /// <summary>As kube-apiserver's long-running requests.</summary>
    private static bool IsStream(AccessRequest access) => access.Group.Length == 0 && access.Subresource is "exec" or "attach" or "portforward" or "proxy" or "log";

    private static bool IsLeaseOfNode(AccessRequest access) => access is { Resource: "leases", Namespace: "kube-node-lease", User.Node: not null };

    /// <summary>Disposing gives back one place.</summary>
    private sealed class Pool(int size) : IDisposable
    {
        private int taken;

        public int Size => size;

        public bool TryEnter(int reserve)
        {
            if (Interlocked.Increment(ref taken) <= size + reserve) return true;
            Interlocked.Decrement(ref taken);
            return false;
        }

        public void Dispose() => Interlocked.Decrement(ref taken);
    }
}
