namespace NodeAgent.Images;

/// <summary>One pull at a time of each image, and so many at a time of all.</summary>
/// <param name="most">1 is what the kubelet calls serialized pulls.</param>
internal sealed class PullQueue(int most)
{
    private readonly SemaphoreSlim slots = new(most);
    private readonly Dictionary<string, (SemaphoreSlim Turn, int Waiting)> turns = [];

    public async Task<T> Run<T>(string image, Func<Task<T>> pull, CancellationToken cancel)
    {
        var turn = Join(image);
        try
        {
            await turn.WaitAsync(cancel);
            try
            {
                await slots.WaitAsync(cancel);
                try { return await pull(); }
                finally { slots.Release(); }
            }
            finally { turn.Release(); }
        }
        finally { Leave(image); }
    }

    /// <summary>Images that are pulled or waited for.</summary>
    public int Count
    {
        get { lock (turns) return turns.Count; }
    }

    private SemaphoreSlim Join(string image)
    {
        lock (turns)
        {
            var (turn, waiting) = turns.TryGetValue(image, out var known) ? known : (new SemaphoreSlim(1), 0);
            turns[image] = (turn, waiting + 1);
            return turn;
        }
    }

    private void Leave(string image)
    {
        lock (turns)
        {
            var (turn, waiting) = turns[image];
            if (waiting > 1) turns[image] = (turn, waiting - 1);
            else turns.Remove(image);
        }
    }
}
