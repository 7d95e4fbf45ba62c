using System.CommandLine;
using System.Net;
using Linux;
using Microsoft.Extensions.Logging.Abstractions;
using NodeAgent.Dns;
using NodeAgent.HostPorts;
using NodeAgent.Kubelet;
using NodeAgent.KernelState;
using NodeAgent.PodNetwork;
using NodeAgent.ServiceProxy;

namespace NodeAgent;

/// <summary>
/// <c>nodeagent plan</c>: what the agent would change in this machine's kernel and for which API object, by what it knew last; touches nothing.
/// Neither agent nor control plane need be there.
/// </summary>
internal static class PlanCommand
{
    public const string Name = "plan";

    /// <summary>As terraform's plan -detailed-exitcode.</summary>
    private const int Something = 2;

    /// <summary>A running agent mends within this time: only what outlasts it would need anything else.</summary>
    private static readonly TimeSpan Mended = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var command = new Command(Name, "Prints what would be changed in this machine's kernel, and the API object for whose sake, without touching anything; by what the agent knew at last, also while it is stopped. "
            + "Exit code 0: nothing to change, 2: something, 1: it cannot be told") { CommandLine.RunDirectory, CommandLine.RootDirectory };
        command.SetAction((parsed, cancel) => CommandLine.AsRoot(() => Print(CommandLine.Paths(parsed), cancel), notRoot: CommandLine.Failed));
        return command;
    }

    private static async Task<int> Print(NodePaths paths, CancellationToken cancel)
    {
        var changes = await Changes(paths, cancel);
        if (changes.Count > 0 && AgentLock.IsTaken(paths))
        {
            await Task.Delay(Mended, cancel);
            changes = [.. (await Changes(paths, cancel)).Intersect(changes)];
        }
        foreach (var change in changes) Console.WriteLine(change);
        Console.WriteLine(Summary(changes));
        return changes.Count == 0 ? 0 : Something;
    }

    private static string Summary(IReadOnlyList<KernelChange> changes)
    {
        if (changes.Count == 0) return "Nothing to change: this machine's kernel is as the API objects want it.";
        return $"Plan: {Count(ChangeAction.Add)} to add, {Count(ChangeAction.Change)} to change, {Count(ChangeAction.Delete)} to delete.";

        int Count(ChangeAction action) => changes.Count(change => change.Action == action);
    }

    /// <exception cref="InvalidOperationException">No agent has left anything by which it could be told.</exception>
    private static async Task<IReadOnlyList<KernelChange>> Changes(NodePaths paths, CancellationToken cancel)
    {
        var known = KnownState.Read(paths);
        if (known is { Node: null, Services: null })
            throw new InvalidOperationException($"nothing is known of what this machine shall have: no agent has run with {paths.Run} since the machine was started");
        var versions = known.Versions();
        IReadOnlyList<KernelChange> changes = [.. Network(known), .. await Dns(known, cancel), .. await HostPorts(known, cancel), .. await Services(known, cancel)];
        return [.. changes.Select(change => change with { Entry = change.Entry with { Origin = versions.Complete(change.Entry.Origin) } })];
    }

    private static IReadOnlyList<KernelChange> Network(KnownState known) =>
        known.Network() is { } config ? NetworkPlan.Read(config, known.Services is { } services ? NodePeers.Of(services.Nodes, services.NodeName) : null, known.Ports()) : [];

    /// <summary>The address is there only while an agent answers: without one, other nodes' agents do.</summary>
    private static async Task<IReadOnlyList<KernelChange>> Dns(KnownState known, CancellationToken cancel)
    {
        if (!IPAddress.TryParse(known.Node?.Dns, out var address)) return [];
        var rules = await new NoTrackRules().Plan(address, cancel);
        var entry = new DnsAddress(address, NetworkNamespace.Current);
        return entry.IsThere || !AgentLock.IsTaken(known.Paths) ? rules : [.. rules, new KernelChange(ChangeAction.Add, entry.Entry)];
    }

    private static Task<IReadOnlyList<KernelChange>> HostPorts(KnownState known, CancellationToken cancel) =>
        new HostPortMapper(PodRecords.HostPorts(known.Paths), NullLogger.Instance).Plan(cancel);

    private static async Task<IReadOnlyList<KernelChange>> Services(KnownState known, CancellationToken cancel) =>
        known.Services is { } services ? [.. (await ProxyModes.BackEnd(services.ProxyMode).Compare(services.Table(), write: false, cancel)).Select(drift => drift.AsChange())] : [];
}
