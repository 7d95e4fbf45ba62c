using System.CommandLine;

namespace NodeAgent.PodNetwork;

/// <summary><c>nodeagent bench-pod-network</c>, hidden: for scripts/bench; prints JSON.</summary>
internal static class PodNetworkBenchCommand
{
    public static Command Create()
    {
        var pods = new Option<int>("--pods") { Description = "How many pods each side adds and deletes", DefaultValueFactory = _ => 100 };
        pods.Validators.Add(result => { if (result.GetValueOrDefault<int>() is < 1 or > 10_000) result.AddError("--pods: from 1 to 10000"); });
        var command = new Command("bench-pod-network", "Compares adding and deleting pods with the CNI bridge and host-local plugins") { pods };
        command.Hidden = true;
        command.SetAction((parsed, _) => CommandLine.AsRoot(async () => Console.WriteLine(PodNetworkBench.ToJson(await PodNetworkBench.Run(parsed.GetValue(pods))))));
        return command;
    }
}
