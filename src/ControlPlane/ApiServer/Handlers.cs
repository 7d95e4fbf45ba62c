using ControlPlane.Metrics;
using ControlPlane.NodeProxy;
using ControlPlane.Registry;
using ControlPlane.Store;
using KubeApi.Objects;

namespace ControlPlane.ApiServer;

/// <summary>
/// Answers what the common verbs do not: subresources, and kinds that are posted and never stored. One line each; the
/// registries declare the same ones with their verbs and bodies, which the router has checked before it asks here.
/// </summary>
internal sealed class Handlers
{
    private readonly Dictionary<string, Func<ApiRequest, Task>> byPath;

    /// <exception cref="InvalidOperationException">Something is declared and has no handler, or the other way round.</exception>
    public Handlers(ObjectStore store, ObjectWriter writer, Delete delete, Identity identity, NodeConnection nodes, CancellationToken stopping)
    {
        var (tokens, access) = (new TokenReviews(identity.Tokens), new AccessReviews(identity.Authorizer));
        var metrics = new MetricsHandlers(store, nodes);
        var streams = new PodStreams(store, nodes, identity.Authorizer, stopping);
        var pods = new PodHttp(nodes, stopping);
        byPath = new()
        {
            ["bindings"] = request => BindingSubresource.Handle(request, writer),
            ["pods/binding"] = request => BindingSubresource.Handle(request, writer),
            ["pods/ephemeralcontainers"] = new PartSubresource<Pod>(store, writer, WritePart.Subresource, EphemeralContainersSubresource.With).Handle,
            ["pods/eviction"] = new EvictionSubresource(store, writer, delete).Handle,
            ["namespaces/finalize"] = request => FinalizeSubresource.Handle(request, writer),
            ["certificatesigningrequests.certificates.k8s.io/approval"] = new PartSubresource<CertificateSigningRequest>(store, writer, WritePart.SubresourceStatus, ApprovalSubresource.With).Handle,
            ["serviceaccounts/token"] = new TokenSubresource(store, identity.ServiceAccountTokens).Handle,
            ["nodes.metrics.k8s.io"] = metrics.Nodes,
            ["pods.metrics.k8s.io"] = metrics.Pods,
            ["pods/log"] = new PodLogHandler(store, nodes, stopping).Handle,
            ["pods/exec"] = streams.Exec,
            ["pods/attach"] = streams.Attach,
            ["pods/portforward"] = streams.PortForward,
            ["pods/proxy"] = new PodProxy(store, pods).Handle,
            ["services/proxy"] = new ServiceProxy(store, pods).Handle,
            ["nodes/proxy"] = new NodeProxyHandler(nodes, stopping).Handle,
            ["tokenreviews.authentication.k8s.io"] = tokens.Token,
            ["selfsubjectreviews.authentication.k8s.io"] = TokenReviews.Self,
            ["subjectaccessreviews.authorization.k8s.io"] = access.Subject,
            ["localsubjectaccessreviews.authorization.k8s.io"] = access.LocalSubject,
            ["selfsubjectaccessreviews.authorization.k8s.io"] = access.Self,
            ["selfsubjectrulesreviews.authorization.k8s.io"] = access.SelfRules,
        };
        foreach (var kind in Kinds.All.Where(kind => kind.HasScale)) byPath[Path(kind, Subresource.ScaleName)] = request => ScaleSubresource.Handle(request, store, writer);
        RequireAll();
    }

    /// <exception cref="StatusException">As the handler refuses.</exception>
    public Task Handle(ApiRequest request)
    {
        var named = request.Name.Length > 0;
        var placed = !request.Resource.Namespaced || request.Namespace.Length > 0;
        if (request is { Verb: "create", Target.Subresource.Length: 0 } && (named || !placed)) throw StatusException.MethodNotAllowed();
        return byPath[Path(request.Kind, request.Access.Subresource)](request);
    }

    /// <summary><c>pods/binding</c>, <c>deployments.apps/scale</c>, <c>tokenreviews.authentication.k8s.io</c>.</summary>
    private static string Path(KindRegistry kind, string subresource) =>
        subresource.Length == 0 ? kind.Resource.QualifiedName : $"{kind.Resource.QualifiedName}/{subresource}";

    private void RequireAll()
    {
        var declared = Kinds.All.SelectMany(kind => kind.Subresources.Where(sub => sub.Name != Subresource.StatusName).Select(sub => Path(kind, sub.Name))
            .Concat(kind.IsVirtual ? [Path(kind, "")] : []));
        var differing = declared.ToHashSet();
        differing.SymmetricExceptWith(byPath.Keys);
        if (differing.Count > 0) throw new InvalidOperationException($"declared by a registry but without a handler, or the other way round: {string.Join(", ", differing)}");
    }
}
