using System.Collections.Concurrent;
using System.Text;
using KubeApi;
using KubeApi.Objects;
using NodeAgent.Volumes;
using UnitTests.ApiServer;
using Xunit;

namespace UnitTests.Volumes;

/// <summary>Against the real API server, with the rights of a node.</summary>
[Collection("ApiServer")]
public sealed class NodeObjectsTests(TestServer server) : IDisposable
{
    private const string NodeName = "objects-node";

    private readonly ApiClient node = server.NodeApi(NodeName), admin = server.Api();
    private readonly ConcurrentQueue<string> told = new();

    [Fact]
    public async Task A_pods_secret_is_known_and_follows_every_change_until_the_pod_is_gone()
    {
        var (objects, ns) = (Objects(), await server.Namespace());
        var created = await admin.Create(Secret(ns, "s", "one"), default);
        var pod = await Pod(ns, "a", "s");
        objects.PodChanged(null, pod);
        Assert.Equal("one", Text(await objects.Secret(ns, "s", default)));
        Assert.Null((await objects.Secret(ns, "s", default))!.Metadata.Annotations);

        await admin.Update(created with { Data = Data("two") }, default);
        await Until("the new value", async () => Text(await objects.Secret(ns, "s", default)) == "two");
        await admin.Delete<Secret>(ns, "s", default);
        await Until("its end", async () => await objects.Secret(ns, "s", default) is null);
        await admin.Create(Secret(ns, "s", "three"), default);
        await Until("its return", async () => Text(await objects.Secret(ns, "s", default)) == "three");
        Assert.Equal([pod.Metadata.Uid!], told.Distinct());

        objects.PodChanged(pod, null);
        Assert.Equal(0, objects.Count);
    }

    [Fact]
    public async Task What_does_not_exist_is_null_and_is_found_when_it_appears()
    {
        var (objects, ns) = (Objects(), await server.Namespace());
        objects.PodChanged(null, await Pod(ns, "a", "later", map: "map"));
        Assert.Null(await objects.Secret(ns, "later", default));
        Assert.Null(await objects.ConfigMap(ns, "map", default));
        await admin.Create(Secret(ns, "later", "x"), default);
        await Until("it appears", async () => await objects.Secret(ns, "later", default) is not null);
    }

    [Fact]
    public async Task Pods_that_refer_to_the_same_object_share_a_watch_and_are_each_told()
    {
        var (objects, ns) = (Objects(), await server.Namespace());
        await admin.Create(Secret(ns, "s", "one"), default);
        var (a, b) = (await Pod(ns, "a", "s"), await Pod(ns, "b", "s"));
        objects.PodChanged(null, a);
        objects.PodChanged(null, b);
        Assert.Equal(1, objects.Count);
        await objects.Secret(ns, "s", default);
        told.Clear();
        await admin.Update(Secret(ns, "s", "two"), default);
        await Until("both are told", () => Task.FromResult(told.Order().SequenceEqual(new[] { a.Metadata.Uid!, b.Metadata.Uid! }.Order())));

        objects.PodChanged(a, a with { Status = new PodStatus { Phase = "Succeeded" } });
        Assert.Equal(1, objects.Count);
        objects.PodChanged(b, null);
        Assert.Equal(0, objects.Count);
    }

    [Fact]
    public async Task An_immutable_object_is_not_watched_any_more_but_looked_at_anew_by_a_new_pod()
    {
        var (objects, ns) = (Objects(), await server.Namespace());
        await admin.Create(Secret(ns, "s", "one") with { Immutable = true }, default);
        objects.PodChanged(null, await Pod(ns, "a", "s"));
        Assert.Equal("one", Text(await objects.Secret(ns, "s", default)));
        await admin.Delete<Secret>(ns, "s", default);
        await admin.Create(Secret(ns, "s", "two") with { Immutable = true }, default);
        await Task.Delay(300); // a watch would have told by now
        Assert.Equal("one", Text(await objects.Secret(ns, "s", default)));
        objects.PodChanged(null, await Pod(ns, "b", "s"));
        await Until("the new one", async () => Text(await objects.Secret(ns, "s", default)) == "two");
    }

    [Fact]
    public async Task What_no_pod_of_the_node_refers_to_is_refused_by_the_server()
    {
        var (objects, ns) = (Objects(), await server.Namespace());
        await admin.Create(Secret(ns, "foreign", "x"), default);
        var refused = await Assert.ThrowsAsync<ApiException>(() => objects.Secret(ns, "foreign", default));
        Assert.Equal(403, refused.Status.Code);
    }

    public void Dispose()
    {
        node.Dispose();
        admin.Dispose();
    }

    private NodeObjects Objects()
    {
        var objects = new NodeObjects(node);
        objects.Changed += told.Enqueue;
        return objects;
    }

    private Task<Pod> Pod(string ns, string name, string secret, string? map = null) => admin.Create(new Pod
    {
        Metadata = new ObjectMeta { Name = name, Namespace = ns },
        Spec = new PodSpec
        {
            NodeName = NodeName, AutomountServiceAccountToken = false,
            Containers = [new Container { Name = "c", Image = "nginx", EnvFrom = map is null ? null : [new EnvFromSource { ConfigMapRef = new ConfigMapEnvSource { Name = map } }] }],
            Volumes = [new Volume { Name = "v", Secret = new SecretVolumeSource { SecretName = secret } }],
        },
    }, default);

    private static Secret Secret(string ns, string name, string value) => new() { Metadata = new ObjectMeta { Name = name, Namespace = ns }, Data = Data(value) };

    private static Dictionary<string, byte[]> Data(string value) => new() { ["k"] = Encoding.UTF8.GetBytes(value) };

    private static string? Text(Secret? secret) => secret is null ? null : Encoding.UTF8.GetString(secret.Data!["k"]);

    private static async Task Until(string what, Func<Task<bool>> condition)
    {
        for (var end = DateTime.UtcNow.AddSeconds(30); !await condition(); await Task.Delay(10))
            Assert.True(DateTime.UtcNow < end, what);
    }
}
