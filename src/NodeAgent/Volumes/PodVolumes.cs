using KubeApi;
using KubeApi.Objects;

namespace NodeAgent.Volumes;

/// <summary>One pod's volumes as of now: which are there, what keeps the others, when to look again.</summary>
internal sealed class PodVolumes : IDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(500), LongestRetry = TimeSpan.FromMinutes(2) + TimeSpan.FromSeconds(2);

    private readonly Lock state = new();
    private readonly HashSet<string> ready = [];
    private readonly Timer timer;
    private TaskCompletionSource next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Pod pod;
    private TimeSpan retry = FirstRetry;
    private string? problem;

    /// <param name="wake">Called when it is time to look again.</param>
    public PodVolumes(Pod pod, Action wake) => (this.pod, timer) = (pod, new Timer(_ => wake()));

    /// <summary>Held by whoever works on the volumes.</summary>
    public SemaphoreSlim Turn { get; } = new(1);

    /// <summary>They are being taken away: nothing is made any more.</summary>
    public bool Ended { get; set; }

    public Pod Pod
    {
        get { lock (state) return pod; }
        set { lock (state) pod = value; }
    }

    /// <summary>Null when all that its containers mount is there; else what keeps one from it.</summary>
    public string? Missing(Pod of)
    {
        lock (state)
            return VolumeKinds.Needed(of.Spec!).Where(VolumeKinds.IsServed).FirstOrDefault(volume => !ready.Contains(volume.Name)) is not { } missing ? null
                : problem ?? $"volume \"{missing.Name}\" is not mounted yet";
    }

    /// <summary>Done when the next look at the volumes, one that has not begun yet, has ended.</summary>
    public Task NextLook
    {
        get { lock (state) return next.Task; }
    }

    /// <returns>To be completed at the end of this look.</returns>
    public TaskCompletionSource BeginLook()
    {
        lock (state)
        {
            var current = next;
            next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return current;
        }
    }

    public bool IsReady(string volume)
    {
        lock (state) return ready.Contains(volume);
    }

    public void Ready(string volume)
    {
        lock (state) ready.Add(volume);
    }

    /// <param name="problem">Null: all went well.</param>
    /// <param name="until">When to look again in any case.</param>
    public void EndLook(string? problem, DateTime? until)
    {
        lock (state)
        {
            this.problem = problem;
            if (problem is null) retry = FirstRetry;
            else
            {
                var at = DateTime.UtcNow + retry;
                until = until < at ? until : at;
                retry = retry * 2 < LongestRetry ? retry * 2 : LongestRetry;
            }
            if (Ended) return;
            var due = until is null ? Timeout.InfiniteTimeSpan : until.Value > DateTime.UtcNow ? until.Value - DateTime.UtcNow : TimeSpan.Zero;
            timer.Change(due, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => timer.Dispose();
}
