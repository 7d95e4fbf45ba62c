using ControlPlane.Controllers;
using KubeApi;
using KubeApi.Objects;

namespace UnitTests.Controllers;

public class GarbageCollectorTests(ControlledCluster cluster) : IClassFixture<ControlledCluster>
{
    private readonly ApiClient api = cluster.Api;

    private Task<ConfigMap> Map(string ns, string name, params OwnerReference[] owners) =>
        api.Create(new ConfigMap { Metadata = new ObjectMeta { Name = name, Namespace = ns, OwnerReferences = owners } }, default);

    private static OwnerReference By(ConfigMap owner, bool block = false) =>
        new() { ApiVersion = "v1", Kind = "ConfigMap", Name = owner.Name, Uid = owner.Metadata.Uid!, BlockOwnerDeletion = block };

    private Task Delete(ConfigMap map, string policy) => api.Delete<ConfigMap>(map.Namespace, map.Name, default, new DeleteOptions { PropagationPolicy = policy });

    [Fact]
    public async Task An_object_whose_owner_never_existed_is_deleted()
    {
        var ns = await cluster.Namespace();
        await Map(ns, "orphan", new OwnerReference { ApiVersion = "v1", Kind = "ConfigMap", Name = "nobody", Uid = "7f1f4e2e-0000-4000-8000-000000000000" });
        await cluster.UntilGone<ConfigMap>(ns, "orphan");
    }

    [Fact]
    public async Task An_owner_of_another_uid_is_not_the_owner()
    {
        var ns = await cluster.Namespace();
        var owner = await Map(ns, "owner");
        await Map(ns, "old-child", By(owner) with { Uid = "7f1f4e2e-0000-4000-8000-000000000000" });
        await Map(ns, "child", By(owner));
        await cluster.UntilGone<ConfigMap>(ns, "old-child");
        Assert.NotNull(await api.Find<ConfigMap>(ns, "child", default));
    }

    [Fact]
    public async Task An_object_with_two_owners_loses_the_reference_to_the_one_that_goes_and_stays()
    {
        var ns = await cluster.Namespace();
        var (first, second) = (await Map(ns, "first"), await Map(ns, "second"));
        await Map(ns, "child", By(first, block: true), By(second, block: true));
        await Delete(first, "Foreground");
        await cluster.UntilGone<ConfigMap>(ns, "first");
        var child = await cluster.Until(() => api.Get<ConfigMap>(ns, "child", default), child => child.Metadata.OwnerReferences!.Count == 1);
        Assert.Equal(second.Metadata.Uid, child.Metadata.OwnerReferences![0].Uid);
        Assert.Null(child.Metadata.DeletionTimestamp);
        await Delete(second, "Background");
        await cluster.UntilGone<ConfigMap>(ns, "child");
    }

    [Fact]
    public async Task An_owner_deleted_in_the_foreground_waits_for_those_that_block_it_and_not_for_others()
    {
        var ns = await cluster.Namespace();
        var owner = await Map(ns, "owner");
        await api.Create(new ConfigMap { Metadata = new ObjectMeta { Name = "held", Namespace = ns, OwnerReferences = [By(owner, block: true)], Finalizers = ["example.com/hold"] } }, default);
        await Map(ns, "free", By(owner));
        await Delete(owner, "Foreground");
        await cluster.UntilGone<ConfigMap>(ns, "free");
        await cluster.Until(() => api.Get<ConfigMap>(ns, "held", default), held => held.Metadata.DeletionTimestamp is not null);
        Assert.NotNull(await api.Find<ConfigMap>(ns, "owner", default));
        await api.MergePatch<ConfigMap>(ns, "held", new { metadata = new { finalizers = Array.Empty<string>() } }, default);
        await cluster.UntilGone<ConfigMap>(ns, "owner");
    }

    [Fact]
    public async Task A_circle_of_owners_that_block_each_other_goes()
    {
        var ns = await cluster.Namespace();
        var first = await Map(ns, "first");
        var second = await Map(ns, "second", By(first, block: true));
        await api.MergePatch<ConfigMap>(ns, "first", new { metadata = new { ownerReferences = new[] { By(second, block: true) } } }, default);
        await Delete(first, "Foreground");
        await cluster.UntilGone<ConfigMap>(ns, "first");
        await cluster.UntilGone<ConfigMap>(ns, "second");
    }

    [Fact]
    public async Task Released_dependents_keep_their_other_owners()
    {
        var ns = await cluster.Namespace();
        var (owner, other) = (await Map(ns, "owner"), await Map(ns, "other"));
        await Map(ns, "child", By(owner), By(other));
        await Delete(owner, "Orphan");
        await cluster.UntilGone<ConfigMap>(ns, "owner");
        var child = await api.Get<ConfigMap>(ns, "child", default);
        Assert.Equal(other.Metadata.Uid, Assert.Single(child.Metadata.OwnerReferences!).Uid);
    }

    [Fact]
    public async Task An_owner_of_another_namespace_is_none_and_the_event_says_so()
    {
        var (ns, elsewhere) = (await cluster.Namespace(), await cluster.Namespace());
        var owner = await Map(elsewhere, "owner");
        await Map(ns, "child", By(owner));
        await cluster.UntilGone<ConfigMap>(ns, "child");
        await cluster.Until(() => cluster.List<Event>(ns), events => events.Any(e => e.Reason == "OwnerRefInvalidNamespace"
            && e.Message == $"ownerRef [v1/ConfigMap, namespace: {ns}, name: owner, uid: {owner.Metadata.Uid}] does not exist in namespace \"{ns}\""));
        Assert.NotNull(await api.Find<ConfigMap>(elsewhere, "owner", default));
    }

    [Fact]
    public async Task A_cluster_wide_object_with_a_namespaced_owner_is_left_alone()
    {
        var ns = await cluster.Namespace();
        var owner = await Map(ns, "owner");
        var child = await api.Create(new Namespace { Metadata = new ObjectMeta { Name = ns + "-child", OwnerReferences = [By(owner)] } }, default);
        await cluster.Until(() => cluster.List<Event>("default"), events => events.Any(e => e.Reason == "OwnerRefInvalidNamespace" && e.InvolvedObject.Uid == child.Metadata.Uid));
        await Delete(owner, "Background");
        await Task.Delay(500);
        Assert.Null((await api.Get<Namespace>("", child.Name, default)).Metadata.DeletionTimestamp);
    }

    [Fact]
    public async Task A_namespace_that_cannot_be_emptied_says_what_remains()
    {
        var ns = await cluster.Namespace();
        await api.Create(new ConfigMap { Metadata = new ObjectMeta { Name = "held", Namespace = ns, Finalizers = ["example.com/hold"] } }, default);
        await api.Delete<Namespace>("", ns, default);
        var conditions = (await cluster.Until(() => api.Get<Namespace>("", ns, default), seen => seen.Status?.Conditions?.Count == 5)).Status!.Conditions!.ToDictionary(condition => condition.Type);
        Assert.Equal(("True", "SomeResourcesRemain", "Some resources are remaining: configmaps. has 1 resource instances"),
            (conditions["NamespaceContentRemaining"].Status, conditions["NamespaceContentRemaining"].Reason, conditions["NamespaceContentRemaining"].Message));
        Assert.Equal(("True", "SomeFinalizersRemain", "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances"),
            (conditions["NamespaceFinalizersRemaining"].Status, conditions["NamespaceFinalizersRemaining"].Reason, conditions["NamespaceFinalizersRemaining"].Message));
        Assert.Equal("False", conditions["NamespaceDeletionContentFailure"].Status);
        await api.MergePatch<ConfigMap>(ns, "held", new { metadata = new { finalizers = Array.Empty<string>() } }, default);
        await cluster.UntilGone<Namespace>("", ns);
    }

    [Fact]
    public async Task What_pods_use_outlives_them_in_a_namespace_that_goes()
    {
        var ns = await cluster.Namespace();
        var pod = await api.Create(new Pod { Metadata = new ObjectMeta { Name = "held", Namespace = ns, Finalizers = ["example.com/hold"] }, Spec = TestObjects.Template().Spec }, default);
        await api.Create(new Secret { Metadata = new ObjectMeta { Name = "used", Namespace = ns } }, default);
        await api.Delete<Namespace>("", ns, default);
        await cluster.Until(() => api.Get<Pod>(ns, pod.Name, default), seen => seen.Metadata.DeletionTimestamp is not null);
        await Task.Delay(300);
        Assert.NotNull(await api.Find<Secret>(ns, "used", default));
        await api.MergePatch<Pod>(ns, pod.Name, new { metadata = new { finalizers = Array.Empty<string>() } }, default);
        await cluster.UntilGone<Namespace>("", ns);
    }
}
