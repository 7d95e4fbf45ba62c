using System.Collections.Concurrent;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>Keeps the Endpoints object of every Service that has a selector; it has the Service's name and goes with it.</summary>
internal sealed class EndpointsController(ApiClient client, SharedInformers informers, Action<string> log)
    : ServiceMembersController("endpoint-controller", informers, log)
{
    private readonly TriggerTimes triggers = new();

    /// <summary>Services that were seen to end: what somebody wrote by hand for one goes with it too, or the next Service of that name would inherit it.</summary>
    private readonly ConcurrentDictionary<string, bool> ended = [];

    public override void Watch()
    {
        Informers.Services.Changed += (old, updated) =>
        {
            if (updated is null) ended[old!.Key] = true;
            else ended.TryRemove(updated.Key, out _);
        };
        base.Watch();
        Informers.Endpoints.Changed += (old, updated) => Queue.Add((updated ?? old)!.Key);
    }

    protected override async Task Reconcile(string key, CancellationToken cancel)
    {
        var old = Informers.Endpoints.Get(key);
        if (Informers.Services.Get(key) is not { Metadata.DeletionTimestamp: null } service)
        {
            triggers.Forget(key);
            if (old is not null && (EndpointsPlan.IsOurs(old) || ended.ContainsKey(key))) await client.Delete<Endpoints>(old.Namespace, old.Name, cancel);
            ended.TryRemove(key, out _);
            return;
        }
        if (!ServiceEndpoint.IsManaged(service)) return;
        var members = MembersOf(service);
        var wanted = EndpointsPlan.Compute(service, members, old, triggers.Next(key, service, members));
        if (ReferenceEquals(wanted, old)) return;
        if (old is not null) await client.Update(wanted, cancel);
        else
        {
            try { await client.Create(wanted, cancel); }
            catch (ApiException e) when (e.IsAlreadyExists) { Queue.AddAfter(key, CatchUp); } // the cache is behind
        }
    }
}
