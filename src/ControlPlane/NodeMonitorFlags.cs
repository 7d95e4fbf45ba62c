using System.CommandLine;
using System.CommandLine.Parsing;
using ControlPlane.Admission;
using ControlPlane.Controllers;

namespace ControlPlane;

/// <summary>The options of <c>controlplane run</c> about lost nodes, under the names that they have in kube-controller-manager and kube-apiserver.</summary>
internal sealed class NodeMonitorFlags
{
    private static readonly NodeMonitorOptions Defaults = new();

    private readonly Option<TimeSpan?> period = Duration("--node-monitor-period", "How often nodes that are not well are looked at", Defaults.Period);
    private readonly Option<TimeSpan?> grace = Duration("--node-monitor-grace-period", "A node that says nothing for so long is lost, or for as long as its own lease says, if that is longer", Defaults.GracePeriod);
    private readonly Option<TimeSpan?> startup = Duration("--node-startup-grace-period", "How long a node may say nothing from when the control plane or the node has started", Defaults.StartupGracePeriod);
    private readonly Option<long> notReady = Seconds("--default-not-ready-toleration-seconds", "How long pods that do not say stay bound to a node that is not ready");
    private readonly Option<long> unreachable = Seconds("--default-unreachable-toleration-seconds", "How long pods that do not say stay bound to a node that is lost");

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { period, grace, startup, notReady, unreachable }) command.Add(option);
    }

    public NodeMonitorOptions Monitor(ParseResult parsed) => new()
    {
        Period = parsed.GetValue(period) ?? Defaults.Period, GracePeriod = parsed.GetValue(grace) ?? Defaults.GracePeriod, StartupGracePeriod = parsed.GetValue(startup) ?? Defaults.StartupGracePeriod,
    };

    public DefaultTolerations Tolerations(ParseResult parsed) => new(parsed.GetValue(notReady), parsed.GetValue(unreachable));

    /// <param name="value">Where the option is not given; a TimeSpan's own words are not those in which it is asked for.</param>
    private static Option<TimeSpan?> Duration(string name, string description, TimeSpan value) => new(name)
    {
        Description = $"{description} [default: {value.TotalSeconds:0}s]", HelpName = "DURATION",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            try
            {
                if (Joining.TokenLifetime.Parse(text) is { } duration && duration <= TimeSpan.FromDays(1)) return duration;
                result.AddError($"{name} {text}: must be more than 0 and at most 24h");
            }
            catch (FormatException e) { result.AddError($"{name} {e.Message}"); }
            return null;
        },
    };

    private static Option<long> Seconds(string name, string description) => new(name)
    {
        Description = description, HelpName = "SECONDS", DefaultValueFactory = _ => DefaultTolerations.Seconds,
        Validators = { result => { if (result.Tokens is [{ Value: var text }] && long.TryParse(text, out var seconds) && seconds < 0) result.AddError($"{name} {text}: must not be negative"); } },
    };
}
