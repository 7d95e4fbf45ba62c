using ControlPlane.Controllers;
using KubeApi;
using KubeApi.Objects;
using static UnitTests.Controllers.TestObjects;

namespace UnitTests.Controllers;

public class CacheExpectationsTests
{
    private readonly CacheExpectations expectations = new();

    [Fact]
    public void A_cache_is_behind_until_it_has_seen_the_last_write()
    {
        Assert.False(expectations.IsBehind("a", 0));
        expectations.Wrote("a", "20");
        expectations.Wrote("a", "15");
        Assert.True(expectations.IsBehind("a", 19));
        Assert.False(expectations.IsBehind("a", 20));
        Assert.False(expectations.IsBehind("b", 0));
        expectations.Forget("a");
        Assert.False(expectations.IsBehind("a", 0));
    }

    [Fact]
    public void What_was_deleted_does_not_count_although_the_cache_still_shows_it()
    {
        expectations.Deleted("a", "uid-x");
        Assert.Equal(["y"], expectations.WithoutDeleted("a", [Pod("x"), Pod("y")]).Select(pod => pod.Name));
        Assert.Equal(["y"], expectations.WithoutDeleted("a", [Pod("y")]).Select(pod => pod.Name));
        Assert.Equal(["x", "y"], expectations.WithoutDeleted("b", [Pod("x"), Pod("y")]).Select(pod => pod.Name));
    }
}

public class CanonicalJsonTests
{
    [Fact]
    public void Order_of_maps_does_not_matter_and_order_of_lists_does()
    {
        Assert.True(CanonicalJson.Same(new ObjectMeta { Labels = Labels("a=1", "b=2") }, new ObjectMeta { Labels = Labels("b=2", "a=1") }));
        Assert.False(CanonicalJson.Same(new ObjectMeta { Finalizers = ["a", "b"] }, new ObjectMeta { Finalizers = ["b", "a"] }));
        Assert.True(CanonicalJson.Same(new ObjectMeta { Labels = Labels() }, new ObjectMeta()));
        Assert.False(CanonicalJson.Same(new ObjectMeta(), null));
        Assert.Equal("""{"a":"1","b":"2"}""", CanonicalJson.Of(Labels("b=2", "a=1")));
    }
}

public class OwnerGraphTests
{
    private static readonly GarbageKind Kind = GarbageKind.Of<ConfigMap>(new ApiClient(new Uri("http://127.0.0.1:1"), new SocketsHttpHandler(), "test"));

    private static OwnedObject Object(string uid, params string[] owners) =>
        new(Kind, new ObjectMeta { Name = uid, Uid = uid, OwnerReferences = owners.Select(owner => Owner(owner)).ToList() });

    [Fact]
    public void Dependents_are_found_also_after_their_owner_is_gone_and_follow_changed_references()
    {
        var graph = new OwnerGraph();
        graph.Put(Object("owner"));
        graph.Put(Object("a", "owner"));
        graph.Put(Object("b", "owner", "second"));
        Assert.Equal(["a", "b"], graph.DependentsOf("owner").Select(o => o.Uid).Order());
        graph.Remove("owner");
        Assert.Null(graph.Find("owner"));
        Assert.Equal(["a", "b"], graph.DependentsOf("owner").Select(o => o.Uid).Order());
        graph.Put(Object("b", "second"));
        Assert.Equal(["a"], graph.DependentsOf("owner").Select(o => o.Uid));
        graph.Remove("a");
        Assert.Empty(graph.DependentsOf("owner"));
        Assert.Equal(["b"], graph.DependentsOf("second").Select(o => o.Uid));
    }
}

public class EventRecorderTests
{
    [Fact]
    public void An_event_says_what_happened_to_which_object()
    {
        var e = EventRecorder.Describe("replicaset-controller", null, EventRecorder.Reference(Pod("web-1")), "Normal", "Created", "text", Now);
        Assert.Matches("^web-1\\.[0-9a-f]+$", e.Name);
        Assert.Equal(("default", "Pod", "v1", "web-1", "uid-web-1"), (e.Namespace, e.InvolvedObject.Kind, e.InvolvedObject.ApiVersion, e.InvolvedObject.Name, e.InvolvedObject.Uid));
        Assert.Equal(("Normal", "Created", "text", 1, "replicaset-controller"), (e.Type, e.Reason, e.Message, e.Count, e.Source!.Component));
        Assert.Equal("default", EventRecorder.Describe("x", null, EventRecorder.Reference(Node("n")), "Normal", "r", "m", Now).Namespace);
    }
}
