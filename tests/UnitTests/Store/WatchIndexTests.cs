using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;

namespace UnitTests.Store;

public class WatchIndexTests
{
    private static readonly string[] Namespaces = ["red", "blue"], Names = ["a", "b", "c"];
    private static readonly string?[] Nodes = [null, "", "n1", "n2"];

    [Fact]
    public void Every_watch_hears_exactly_what_its_filter_passes_whatever_its_scope_is()
    {
        var log = new WatchLog(0, TimeSpan.FromMinutes(10));
        var watches = AllScopes().Select(scope => (Scope: scope, Watch: log.Watch(0, change => Within(scope, change), scope: scope))).ToList();
        Assert.Equal(watches.Count, log.Watchers);
        var random = new Random(7);
        var changes = Enumerable.Range(1, 2_000).Select(revision => RandomChange(random, revision)).ToList();
        foreach (var change in changes) log.Append(change);
        foreach (var (scope, watch) in watches)
        {
            var heard = new List<StoreEvent>();
            while (watch.TryRead(out var change)) heard.Add(change);
            Assert.Equal(changes.Where(change => Within(scope, change)), heard);
            watch.Dispose();
        }
        Assert.Equal(0, log.Watchers);
    }

    [Fact]
    public void A_foreign_pod_costs_the_watchers_of_other_nodes_nothing()
    {
        var log = new WatchLog(0, TimeSpan.FromMinutes(10));
        var asked = new int[1_000];
        var watches = asked.Select((_, node) => log.Watch(0, _ => ++asked[node] > 0, scope: new WatchScope("pods", Node: $"node-{node}"))).ToList();
        log.Append(new StoreEvent(StoreEventType.Added, Stored(new StoreKey("pods", "red", "a"), "", 1), null));
        Assert.All(asked, count => Assert.Equal(0, count));
        log.Append(new StoreEvent(StoreEventType.Modified, Stored(new StoreKey("pods", "red", "a"), "node-7", 2), null));
        Assert.Equal(1, asked[7]);
        Assert.Equal(1, asked.Sum());
        foreach (var watch in watches) watch.Dispose();
    }

    private static IEnumerable<WatchScope> AllScopes() =>
        from resource in new[] { null, "pods", "configmaps", "namespaces" }
        from ns in new[] { null, "", "red", "blue", "green" }
        from name in new[] { null, "a", "d" }
        from node in resource == "pods" ? Nodes : [null]
        where resource is not null || ns is null && name is null
        select new WatchScope(resource, ns, name, node);

    private static bool Within(WatchScope scope, StoreEvent change)
    {
        var key = change.Current.Key;
        return (scope.Resource is null || scope.Resource == key.Resource) && (string.IsNullOrEmpty(scope.Namespace) || scope.Namespace == key.Namespace)
            && (scope.Name is null || scope.Name == key.Name)
            && (scope.Node is null || NodeOf(change.Current) == scope.Node || change.Previous is not null && NodeOf(change.Previous) == scope.Node);
    }

    private static string NodeOf(StoredObject obj) => (obj.Object as Pod)?.Spec?.NodeName ?? "";

    private static StoreEvent RandomChange(Random random, long revision)
    {
        var resource = random.Next(4) switch { 0 => "configmaps", 1 => "namespaces", _ => "pods" };
        var key = new StoreKey(resource, resource == "namespaces" ? "" : Namespaces[random.Next(Namespaces.Length)], Names[random.Next(Names.Length)]);
        var type = (StoreEventType)random.Next(3);
        return new StoreEvent(type, Stored(key, Nodes[random.Next(Nodes.Length)], revision),
            type == StoreEventType.Added ? null : Stored(key, Nodes[random.Next(Nodes.Length)], revision - 1));
    }

    private static StoredObject Stored(StoreKey key, string? node, long revision)
    {
        var metadata = new ObjectMeta { Name = key.Name, Namespace = key.Namespace };
        KubeObject obj = key.Resource switch
        {
            "pods" => new Pod { Metadata = metadata, Spec = new PodSpec { NodeName = node, Containers = [] } },
            "namespaces" => new Namespace { Metadata = metadata },
            _ => new ConfigMap { Metadata = metadata },
        };
        return new StoredObject(key, obj, KubeJson.Serialize(obj), revision);
    }
}
