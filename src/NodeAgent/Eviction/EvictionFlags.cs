using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;

namespace NodeAgent.Eviction;

/// <summary><see cref="EvictionOptions"/> as flags of <c>nodeagent run</c>, under the kubelet's names.</summary>
internal sealed partial class EvictionFlags
{
    private readonly Option<string> hard = Text("--eviction-hard", "What must be left on the node, e.g. memory.available<100Mi,nodefs.available<10%; pods are killed for it at once", EvictionOptions.DefaultHard, "THRESHOLDS");
    private readonly Option<string> soft = Text("--eviction-soft", "As --eviction-hard, but with a grace period each", "", "THRESHOLDS");
    private readonly Option<string> softGrace = Text("--eviction-soft-grace-period", "How long, e.g. memory.available=1m30s", "", "PERIODS");
    private readonly Option<string> transition = Text("--eviction-pressure-transition-period", "How long the node reports pressure after its cause has gone", "5m", "DURATION");
    private readonly Option<int> maxGrace = new("--eviction-max-pod-grace-period") { Description = "Most seconds that a pod gets to end which is evicted for a soft threshold", DefaultValueFactory = _ => 0, HelpName = "SECONDS" };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { hard, soft, softGrace, transition, maxGrace }) command.Add(option);
        command.Validators.Add(result =>
        {
            if (result.Errors.Any()) return;
            // Defaults are not there yet while the command line is being checked.
            try { Read(result.GetValue(hard) ?? "", result.GetValue(soft) ?? "", result.GetValue(softGrace) ?? "", result.GetValue(transition) ?? "0s", 0); }
            catch (FormatException e) { result.AddError(e.Message); }
        });
    }

    public EvictionOptions Read(ParseResult parsed) =>
        Read(parsed.GetValue(hard)!, parsed.GetValue(soft)!, parsed.GetValue(softGrace)!, parsed.GetValue(transition)!, parsed.GetValue(maxGrace));

    /// <exception cref="FormatException">A value cannot be read.</exception>
    internal static EvictionOptions Read(string hard, string soft, string softGrace, string transition, int maxGrace)
    {
        var graces = softGrace.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(part => part.Split('='))
            .ToDictionary(part => part.Length == 2 ? part[0] : throw new FormatException($"invalid grace period '{string.Join('=', part)}': expected SIGNAL=DURATION"), part => Duration(part[1]));
        return new EvictionOptions { Thresholds = [.. Threshold.Parse(hard), .. Threshold.Parse(soft, graces)], PressureTransitionPeriod = Duration(transition), MaxPodGracePeriod = maxGrace };
    }

    /// <summary>As Go reads it: 90s, 1m30s, 1h.</summary>
    internal static TimeSpan Duration(string text)
    {
        var match = Parts().Match(text);
        if (text.Length == 0 || !match.Success) throw new FormatException($"invalid duration \"{text}\"");
        double Part(int group) => match.Groups[group].Success ? double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture) : 0;
        return TimeSpan.FromHours(Part(1)) + TimeSpan.FromMinutes(Part(2)) + TimeSpan.FromSeconds(Part(3));
    }

    [GeneratedRegex(@"^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?$")]
    private static partial Regex Parts();

    private static Option<string> Text(string name, string description, string value, string help) => new(name) { Description = description, DefaultValueFactory = _ => value, HelpName = help };
}
