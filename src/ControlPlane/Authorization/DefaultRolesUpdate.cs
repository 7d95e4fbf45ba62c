using ControlPlane.Store;
using KubeApi;
using KubeApi.Objects;

namespace ControlPlane.Authorization;

/// <summary>
/// Makes the default roles and bindings at the start of the server, and adds to those that are there what they lack; what
/// an administrator added stays, and so does all of one whose annotation autoupdate is "false".
/// </summary>
internal static class DefaultRolesUpdate
{
    /// <summary>Reads the store itself: at a usual start nothing is missing, and nothing is asked or written.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    public static async Task Run(ApiClient client, StoreSnapshot present, CancellationToken cancel)
    {
        await Task.WhenAll(DefaultRoles.All.Select(role => Write(client, present, role, Completed, cancel)));
        await Task.WhenAll(DefaultBindings.Cluster.Select(binding => Bind(client, present, binding, cancel)));
    }

    private static async Task Bind(ApiClient client, StoreSnapshot present, ClusterRoleBinding wanted, CancellationToken cancel)
    {
        // A roleRef cannot be changed: a default binding to another role is replaced.
        if (Find(present, wanted) is { } old && IsKept(old) && old.RoleRef != wanted.RoleRef)
        {
            await client.Delete<ClusterRoleBinding>("", wanted.Name, cancel);
            await client.Create(wanted, cancel);
        }
        else await Write(client, present, wanted, Completed, cancel);
    }

    private static async Task Write<T>(ApiClient client, StoreSnapshot present, T wanted, Func<T, T, T> complete, CancellationToken cancel) where T : KubeObject
    {
        if (Find(present, wanted) is not { } old) await client.Create(wanted, cancel);
        else if (IsKept(old) && complete(old, wanted) is var completed && !ReferenceEquals(completed, old)) await client.Update(completed, cancel);
    }

    private static T? Find<T>(StoreSnapshot present, T wanted) where T : KubeObject =>
        present.Get(new StoreKey(Resource.Of<T>().QualifiedName, "", wanted.Name))?.Object as T;

    private static bool IsKept(KubeObject obj) => obj.Metadata.Annotations?.GetValueOrDefault(DefaultMeta.AutoUpdate) != "false";

    /// <summary>The same object where nothing is missing. An aggregated role's rules are the controller's.</summary>
    public static ClusterRole Completed(ClusterRole old, ClusterRole wanted)
    {
        var rules = (wanted.Rules ?? []).Where(rule => RuleMatch.Split(rule).Any(single => !RuleMatch.Covers(old.Rules ?? [], single))).ToList();
        var meta = Completed(old.Metadata, wanted.Metadata);
        var aggregates = wanted.AggregationRule is null || old.AggregationRule is not null;
        if (rules.Count == 0 && aggregates && ReferenceEquals(meta, old.Metadata)) return old;
        return old with { Metadata = meta, Rules = [.. old.Rules ?? [], .. rules], AggregationRule = old.AggregationRule ?? wanted.AggregationRule };
    }

    /// <summary>The same object where nothing is missing.</summary>
    public static ClusterRoleBinding Completed(ClusterRoleBinding old, ClusterRoleBinding wanted)
    {
        var subjects = (wanted.Subjects ?? []).Except(old.Subjects ?? []).ToList();
        var meta = Completed(old.Metadata, wanted.Metadata);
        return subjects.Count == 0 && ReferenceEquals(meta, old.Metadata) ? old : old with { Metadata = meta, Subjects = [.. old.Subjects ?? [], .. subjects] };
    }

    private static ObjectMeta Completed(ObjectMeta old, ObjectMeta wanted)
    {
        var (labels, annotations) = (Completed(old.Labels, wanted.Labels!), Completed(old.Annotations, wanted.Annotations!));
        return ReferenceEquals(labels, old.Labels) && ReferenceEquals(annotations, old.Annotations) ? old : old with { Labels = labels, Annotations = annotations };
    }

    private static IReadOnlyDictionary<string, string>? Completed(IReadOnlyDictionary<string, string>? old, IReadOnlyDictionary<string, string> wanted) =>
        wanted.All(pair => old?.GetValueOrDefault(pair.Key) == pair.Value) ? old
            : new Dictionary<string, string>((old ?? new Dictionary<string, string>()).Where(pair => !wanted.ContainsKey(pair.Key)).Concat(wanted));
}
