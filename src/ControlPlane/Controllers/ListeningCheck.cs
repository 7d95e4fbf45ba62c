using System.Diagnostics;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>
/// Tells a node that is silent from a control plane that is deaf. Before a node is given up, the controller writes a lease of its own by the same way
/// as nodes do, and waits until its informer has it: then everything that nodes wrote before has come through too. While the store's disk is
/// stuck, or the server has too much to do, that takes as long for the controller as for the nodes, and that time does not count.
/// </summary>
internal sealed class ListeningCheck(ApiClient client, SharedInformers informers, ListeningTime listening, Action<string> log)
{
    /// <summary>The name that kube-controller-manager's lease has.</summary>
    private const string LeaseNamespace = "kube-system", LeaseName = "kube-controller-manager";

    /// <summary>A write that takes longer than this says that nodes' writes may not come through in time either.</summary>
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(3), Bound = TimeSpan.FromSeconds(60);

    /// <summary>Whether a node whose time is over is silent indeed.</summary>
    /// <param name="left">How long it may still say nothing.</param>
    /// <exception cref="ApiException">The server does not take the lease. <see cref="HttpRequestException"/>: nor answers.</exception>
    public async Task<bool> IsSilent(Func<TimeSpan> left, CancellationToken cancel)
    {
        var started = Stopwatch.GetTimestamp();
        try { await CatchUp(started, cancel); }
        finally
        {
            if (Stopwatch.GetElapsedTime(started) is var took && took > Usual)
            {
                listening.Discount(took);
                log($"own writes take {took.TotalSeconds:0.0} s: nodes get that time too before they count as lost");
            }
        }
        return left() <= TimeSpan.Zero;
    }

    private async Task CatchUp(long started, CancellationToken cancel)
    {
        var written = await Write(cancel);
        var revision = long.Parse(written.Metadata.ResourceVersion!, System.Globalization.CultureInfo.InvariantCulture);
        while (informers.Leases.Revision < revision)
        {
            if (Stopwatch.GetElapsedTime(started) > Bound) throw new HttpRequestException("the watch of leases does not go on");
            await Task.Delay(LookEvery, cancel);
        }
    }

    private async Task<Lease> Write(CancellationToken cancel)
    {
        var spec = new LeaseSpec { HolderIdentity = Environment.MachineName, RenewTime = DateTime.UtcNow };
        if (await client.Find<Lease>(LeaseNamespace, LeaseName, cancel) is { } known) return await client.Update(known with { Spec = spec }, cancel);
        return await client.Create(new Lease { Metadata = new ObjectMeta { Name = LeaseName, Namespace = LeaseNamespace }, Spec = spec }, cancel);
    }
}
