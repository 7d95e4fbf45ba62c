using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;

namespace UnitTests.Store;

public class PodsByNodeTests
{
    private static readonly string[] Namespaces = ["blue", "red"], Names = ["a", "b", "c"];
    private static readonly string?[] Nodes = [null, "", "n1", "n2"];

    [Fact]
    public void The_pods_of_a_node_are_those_that_a_look_at_all_pods_finds_in_the_same_order()
    {
        var random = new Random(7);
        var snapshot = StoreSnapshot.Empty;
        for (var revision = 1; revision <= 2_000; revision++)
        {
            var key = Key(random.Next(5) == 0 ? "configmaps" : "pods", Namespaces[random.Next(Namespaces.Length)], Names[random.Next(Names.Length)]);
            if (snapshot.Get(key) is null || random.Next(3) > 0) snapshot = snapshot.With(Stored(key, Nodes[random.Next(Nodes.Length)], revision));
            else snapshot = snapshot.Without(key, revision);
            var loaded = StoreSnapshot.Of(revision, [.. snapshot.List("pods"), .. snapshot.List("configmaps")]);
            foreach (var node in new[] { "n1", "n2", "n3" })
            {
                var expected = snapshot.List("pods").Where(pod => ((Pod)pod.Object).Spec?.NodeName == node).ToList();
                Assert.Equal(expected, snapshot.PodsOn(node));
                Assert.Equal(expected, loaded.PodsOn(node));
            }
        }
    }

    [Fact]
    public void A_snapshot_keeps_the_pods_that_it_had()
    {
        var key = Key("pods", "red", "a");
        var before = StoreSnapshot.Empty.With(Stored(key, "n1", 1));
        var after = before.Without(key, 2);
        Assert.Single(before.PodsOn("n1"));
        Assert.Empty(after.PodsOn("n1"));
    }

    [Theory]
    [InlineData("""{"spec":{"nodeName":"n1"}}""", "n1")]
    [InlineData("""{"metadata":{"labels":{"nodeName":"x"},"annotations":{"a":"{\"nodeName\":\"y\"}"}},"spec":{"affinity":{"nodeName":"z"},"containers":[{"nodeName":"v"}],"nodeName":"n2"},"nodeName":"w"}""", "n2")]
    [InlineData("""{"metadata":{"labels":{"nodeName":"x"}},"spec":{"containers":[]}}""", null)]
    [InlineData("""{"spec":{"nodeName":""}}""", null)]
    [InlineData("""{"nodeName":"n1","spec":{"schedulerName":"nodeName"}}""", null)]
    public void A_pod_read_from_disk_is_on_the_node_of_its_spec_and_of_nothing_else(string json, string? node) =>
        Assert.Equal(node, new StoredObject(Key("pods", "red", "a"), typeof(Pod), System.Text.Encoding.UTF8.GetBytes(json), 1).Node);

    private static StoreKey Key(string resource, string ns, string name) => new(resource, ns, name);

    private static StoredObject Stored(StoreKey key, string? node, long revision)
    {
        var metadata = new ObjectMeta { Name = key.Name, Namespace = key.Namespace };
        KubeObject obj = key.Resource == "pods" ? new Pod { Metadata = metadata, Spec = new PodSpec { NodeName = node, Containers = [] } } : new ConfigMap { Metadata = metadata };
        var json = KubeJson.Serialize(obj);
        return revision % 2 == 0 ? new StoredObject(key, obj, json, revision) : new StoredObject(key, obj.GetType(), json, revision);
    }
}
