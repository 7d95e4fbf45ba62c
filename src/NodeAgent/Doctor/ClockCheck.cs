using Linux;

namespace NodeAgent.Doctor;

/// <summary>Certificates and leases are judged by clocks.</summary>
internal static class ClockCheck
{
    private static readonly TimeSpan Tolerable = TimeSpan.FromSeconds(2), Grave = TimeSpan.FromSeconds(20);
    private const string Mend = "apt-get install systemd-timesyncd && timedatectl set-ntp true   (or chrony)";

    /// <param name="synchronized">Null: nobody knows.</param>
    /// <param name="ahead">By how much this clock is ahead of the control plane's; null: it was not asked.</param>
    public static IEnumerable<Finding> Judge(bool? synchronized, TimeSpan? ahead)
    {
        if (ahead is { } off)
        {
            var text = $"{off.Duration().TotalSeconds:0} s {(off > TimeSpan.Zero ? "ahead of" : "behind")} the control plane's";
            yield return off.Duration() <= Tolerable ? Finding.Ok("the clock agrees with the control plane's")
                : off.Duration() < Grave ? Finding.Note($"the clock is {text}", Mend)
                : Finding.Fault($"the clock is {text}: certificates may be refused as not yet or no longer valid", Mend);
        }
        yield return synchronized switch
        {
            true => Finding.Ok("the clock is synchronized"),
            false => Finding.Note("the clock is synchronized by nothing", Mend),
            null => Finding.Note("whether the clock is synchronized is not known here (no systemd)"),
        };
    }

    public static async Task<bool?> Synchronized(CancellationToken cancel)
    {
        if (!Directory.Exists("/run/systemd/system")) return null;
        var answer = await CommandRunner.TryRun("timedatectl", ["show", "--property=NTPSynchronized", "--value"], cancel: cancel);
        return answer.Output.Trim() switch { "yes" => true, "no" => false, _ => null };
    }
}
