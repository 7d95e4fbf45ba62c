using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Controllers;

/// <summary>
/// Puts the rules of an aggregated ClusterRole (admin, edit, view, …) together from those that its selectors match, so
/// that a role with the right label extends it.
/// </summary>
internal sealed class ClusterRoleAggregationController(ApiClient client, SharedInformers informers, Action<string> log)
    : Controller("clusterrole-aggregation-controller", log)
{
    private readonly Informer<ClusterRole> roles = informers.Of<ClusterRole>();

    /// <summary>Any role may be a part of any aggregated one; of those there are few.</summary>
    public override void Watch() => roles.Changed += (_, _) =>
    {
        foreach (var role in roles.Items)
            if (role.AggregationRule is not null) Queue.Add(role.Name);
    };

    protected override async Task Reconcile(string key, CancellationToken cancel)
    {
        if (roles.Get(key) is not { AggregationRule: not null } role) return;
        var rules = Aggregate(role, roles.Items);
        if (CanonicalJson.Same(role.Rules ?? [], rules)) return;
        try { await client.Update(role with { Rules = rules }, cancel); }
        catch (ApiException e) when (e.IsNotFound) { } // gone meanwhile
    }

    /// <summary>Rules of all matching roles in the order of their names, each rule once. Pure.</summary>
    public static IReadOnlyList<PolicyRule> Aggregate(ClusterRole role, IEnumerable<ClusterRole> all)
    {
        var selectors = (role.AggregationRule?.ClusterRoleSelectors ?? []).Select(Selector.Of).ToList();
        return all.Where(other => other.Name != role.Name && selectors.Any(selector => selector.Matches(other.Metadata.Labels)))
            .OrderBy(other => other.Name, StringComparer.Ordinal).SelectMany(other => other.Rules ?? [])
            .DistinctBy(rule => Convert.ToBase64String(KubeJson.Serialize(rule))).ToList();
    }
}
