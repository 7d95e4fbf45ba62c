using System.Text;

namespace Lab;

/// <summary>What `lab status` prints.</summary>
internal static class ClusterStatus
{
    public static async Task<string> Describe(Cluster cluster)
    {
        var text = new StringBuilder();
        if (cluster.Settings is { } settings)
        {
            text.AppendLine($"cluster {cluster.Name}");
            if (settings.Port is { } port)
                text.AppendLine($"API server https://127.0.0.1:{port}{(new Relay(cluster).IsRunning ? "" : " (the relay is gone; 'scripts/cluster up' starts it again)")}, kubeconfig {cluster.KubeconfigPath}");
            text.AppendLine($"{"MACHINE",-10}{"STATE",-10}{"ADDRESS",-18}{"INIT",-10}{"PROGRAM"}");
            foreach (var machine in cluster.Machines) text.AppendLine(await Line(machine));
        }
        else text.AppendLine($"cluster {cluster.Name} is down");
        var others = ClusterPaths.Clusters().Where(name => name != cluster.Name).ToList();
        if (others.Count > 0) text.AppendLine($"other clusters: {string.Join(", ", others)}");
        return text.ToString();
    }

    private static async Task<string> Line(Machine machine)
    {
        var spec = machine.Spec;
        var state = !machine.IsRunning ? "off" : spec.Addresses.Count == 0 ? "running" : await machine.LinkIsUp() switch { true => "running", false => "cut", null => "no link" };
        var address = spec.Addresses.Count == 0 ? "-" : machine.Address;
        var program = spec.Program is null ? "-" : machine.Processes(Path.GetFileName(spec.Program.Command[0])).Count > 0 ? spec.Program.Name : $"{spec.Program.Name} (not running)";
        return $"{machine.Name,-10}{state,-10}{address,-18}{machine.InitPid?.ToString() ?? "-",-10}{program}";
    }
}
