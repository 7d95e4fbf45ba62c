namespace EndToEndTests.Fixture;

/// <summary>Waiting for what other parts of the cluster do in their own time.</summary>
internal static class Eventually
{
    /// <summary>Generous: it bounds a broken run and asserts no speed.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(90) * TestMachines.Patience;

    /// <summary>Reads until the value is right and returns it.</summary>
    /// <exception cref="Xunit.Sdk.XunitException">It never was; the message has the last value or error.</exception>
    public static async Task<T> Get<T>(string what, Func<Task<T>> read, Func<T, bool> right)
    {
        var end = DateTime.UtcNow + Bound;
        string last;
        do
        {
            try
            {
                var value = await read();
                if (right(value)) return value;
                last = $"{value}";
            }
            catch (Linux.CommandException error) { last = error.Message; }
            await Task.Delay(100);
        }
        while (DateTime.UtcNow < end);
        throw new Xunit.Sdk.XunitException($"After {Bound.TotalSeconds:0} s still not so: {what}. It is: {last}");
    }
}
