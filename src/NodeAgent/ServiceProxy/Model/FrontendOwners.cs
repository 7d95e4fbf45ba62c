using System.Net;

namespace NodeAgent.ServiceProxy.Model;

/// <summary>What a packet is recognized by.</summary>
/// <param name="Address">Null for a nodePort.</param>
internal readonly record struct FrontendKey(IPAddress? Address, string Protocol, int Port);

/// <summary>
/// Which Service has a frontend. Two that claim one exist only for moments with clusterIPs and nodePorts, while the API repairs it, but for
/// as long as their makers like with externalIPs: the elder keeps its clients.
/// </summary>
internal sealed class FrontendOwners
{
    public const string Problem = " belongs to another Service already";

    private readonly Dictionary<FrontendKey, string> owners = [];

    /// <summary>Only what more than one wants, by age and name.</summary>
    private readonly Dictionary<FrontendKey, SortedSet<(DateTime Created, string Service)>> contested = [];
    private readonly Dictionary<string, DateTime> created = [];

    /// <returns>namespace/name; null where nobody claims it.</returns>
    public string? Of(FrontendKey key) => owners.GetValueOrDefault(key);

    /// <param name="since">The Service's creationTimestamp; null when it is gone.</param>
    /// <param name="affected">Gets those who lose or win something.</param>
    public void Claim(string service, DateTime? since, HashSet<FrontendKey> before, HashSet<FrontendKey> after, HashSet<string> affected)
    {
        var age = since ?? DateTime.MaxValue;
        if (created.TryGetValue(service, out var old) && old != age && before.Count > 0)
        {
            // Deleted and made again under the same name, between two looks.
            foreach (var key in before) Release(service, old, key, affected);
            before = [];
        }
        foreach (var key in before) if (!after.Contains(key)) Release(service, age, key, affected);
        if (after.Count > 0) created[service] = age; else created.Remove(service);
        foreach (var key in after) if (!before.Contains(key)) Take(service, age, key, affected);
    }

    private void Take(string service, DateTime age, FrontendKey key, HashSet<string> affected)
    {
        if (!owners.TryGetValue(key, out var owner))
        {
            owners[key] = service;
            return;
        }
        if (!contested.TryGetValue(key, out var claims)) contested[key] = claims = [(created[owner], owner)];
        claims.Add((age, service));
        Settle(key, claims, affected);
    }

    private void Release(string service, DateTime age, FrontendKey key, HashSet<string> affected)
    {
        if (!contested.TryGetValue(key, out var claims))
        {
            owners.Remove(key);
            return;
        }
        claims.Remove((age, service));
        Settle(key, claims, affected);
        if (claims.Count == 1) contested.Remove(key);
    }

    private void Settle(FrontendKey key, SortedSet<(DateTime Created, string Service)> claims, HashSet<string> affected)
    {
        var winner = claims.Min.Service;
        if (owners[key] == winner) return;
        affected.Add(owners[key]);
        affected.Add(winner);
        owners[key] = winner;
    }
}
