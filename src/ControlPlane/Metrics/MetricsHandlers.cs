using ControlPlane.ApiServer;
using ControlPlane.Controllers;
using ControlPlane.NodeProxy;
using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Metrics;

/// <summary>
/// GET of the kinds of metrics.k8s.io, as metrics-server serves them: made of what the nodes' agents say at this moment.
/// What no node has figures of (a pod that does not run, a node that is away) is left out.
/// </summary>
internal sealed class MetricsHandlers(ObjectStore store, NodeConnection connection)
{
    private readonly NodeFiguresCache cache = new(connection);

    /// <exception cref="StatusException">400: a selector cannot be read; 404: there are no figures of this node.</exception>
    public Task Nodes(ApiRequest request) => Answer(request, "nodemetrics", async filter =>
    {
        var nodes = Wanted<Node>(filter, "nodes", "", request.Name).Where(IsReady).ToList();
        var figures = await cache.Get([.. nodes.Select(node => node.Name)], request.Aborted);
        return nodes.Where(node => figures.GetValueOrDefault(node.Name)?.Node is not null).Select(KubeObject (node) => Metrics(node, figures[node.Name].Node!));
    });

    /// <exception cref="StatusException">400: a selector cannot be read; 404: there are no figures of this pod.</exception>
    public Task Pods(ApiRequest request) => Answer(request, "podmetrics", async filter =>
    {
        var ready = store.Snapshot.List("nodes").Select(item => (Node)item.Object).Where(IsReady).Select(node => node.Name).ToHashSet();
        var pods = Wanted<Pod>(filter, "pods", request.Namespace, request.Name).Where(pod => ready.Contains(pod.Spec?.NodeName ?? "") && !PodState.IsFinished(pod)).ToList();
        var figures = await cache.Get([.. pods.Select(pod => pod.Spec!.NodeName!).Distinct()], request.Aborted);
        return pods.Select(pod => (pod, Containers: figures.GetValueOrDefault(pod.Spec!.NodeName!)?.Pods.GetValueOrDefault(pod.Metadata.Uid!)))
            .Where(entry => entry.Containers is not null).Select(KubeObject (entry) => Metrics(entry.pod, entry.Containers!));
    });

    private static bool IsReady(Node node) => NodeHealth.Ready(node) == "True";

    /// <summary>The objects whose figures are asked for.</summary>
    private IEnumerable<T> Wanted<T>(ListFilter filter, string resource, string ns, string name) where T : KubeObject
    {
        var items = name.Length > 0 ? store.Snapshot.Get(new StoreKey(resource, ns, name)) is { } one ? [one] : [] : store.Snapshot.List(resource, ns);
        return items.Where(filter.Matches).Select(item => (T)item.Object);
    }

    private static async Task Answer(ApiRequest request, string what, Func<ListFilter, Task<IEnumerable<KubeObject>>> find)
    {
        var filter = ListFilter.Of(request);
        var items = (await find(filter)).Select(obj => new StoredObject(new StoreKey(request.Kind.Resource.QualifiedName, obj.Metadata.Namespace ?? "", obj.Name), obj, KubeJson.Serialize(obj), 0)).ToList();
        if (request.Name.Length == 0) await ObjectAnswer.List(request, items, new ListMeta());
        else if (items.Count > 0) await ObjectAnswer.One(request, items[0]);
        else
        {
            var name = request.Namespace.Length > 0 ? $"{request.Namespace}/{request.Name}" : request.Name;
            throw new StatusException(404, "NotFound", $"{what}.metrics.k8s.io \"{name}\" not found", new StatusDetails { Name = name, Group = "metrics.k8s.io", Kind = what });
        }
    }

    private static NodeMetrics Metrics(Node node, NodeFigures.Usage usage) => new()
    {
        Kind = "NodeMetrics", ApiVersion = Resource.Of<NodeMetrics>().ApiVersion, Metadata = Of(node.Metadata), Timestamp = usage.Time, Window = usage.WindowText, Usage = usage.Amounts,
    };

    private static PodMetrics Metrics(Pod pod, IReadOnlyList<NodeFigures.Usage> containers) => new()
    {
        Kind = "PodMetrics", ApiVersion = Resource.Of<PodMetrics>().ApiVersion, Metadata = Of(pod.Metadata), Timestamp = containers[0].Time, Window = containers[0].WindowText,
        Containers = [.. containers.Select(container => new ContainerMetrics { Name = container.Name, Usage = container.Amounts })],
    };

    private static ObjectMeta Of(ObjectMeta meta) => new() { Name = meta.Name, Namespace = meta.Namespace, Labels = meta.Labels, CreationTimestamp = DateTime.UtcNow };
}
