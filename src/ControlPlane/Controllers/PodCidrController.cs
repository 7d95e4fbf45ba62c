using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>
/// Gives every node its part of the pod network (spec.podCIDR), for as long as the node exists. What nodes have when
/// the controller starts is respected before anything new is given.
/// </summary>
internal sealed class PodCidrController(ApiClient client, SharedInformers informers, PodCidrs cidrs, EventRecorder events, Action<string> log)
    : Controller("node-ipam-controller", log)
{
    public override void Watch() => informers.Nodes.Changed += (old, updated) => Queue.Add((updated ?? old)!.Key);

    /// <summary>One worker: the allocation must see its own past.</summary>
    public override Task Run(CancellationToken cancel)
    {
        foreach (var node in informers.Nodes.Items.Where(node => node.Spec?.PodCIDR is not null)) cidrs.Occupy(node.Name, node.Spec!.PodCIDR!);
        return Queue.Run(Reconcile, (key, e) => Log($"{Name}: {key}: {e.Message}"), workers: 1, cancel);
    }

    protected override async Task Reconcile(string key, CancellationToken cancel)
    {
        if (informers.Nodes.Get(key) is not { } node)
        {
            cidrs.Release(key);
            return;
        }
        if (node.Spec?.PodCIDR is { Length: > 0 } own)
        {
            cidrs.Occupy(key, own);
            return;
        }
        if (cidrs.Allocate(key) is not { } cidr)
        {
            events.Warning(Name, node, "CIDRNotAvailable", $"Node {key} status is now: CIDRNotAvailable");
            throw new InvalidOperationException("no part of the pod network is left");
        }
        await client.MergePatch<Node>("", key, new { spec = new { podCIDR = cidr, podCIDRs = new[] { cidr } } }, cancel);
    }
}
