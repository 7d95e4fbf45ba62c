namespace EndToEndTests.Fixture;

/// <summary>
/// The switch between the Lab and virtual machines: NODEAGENT_TEST_MACHINES=vagrant takes those that <c>vagrant up</c> or
/// <c>scripts/vagrant-lab up</c> has started. What only the Lab can do is marked: <c>--filter "machines!=lab"</c> leaves it out.
/// </summary>
internal static class TestMachines
{
    /// <summary>For <see cref="TraitAttribute"/>.</summary>
    public const string Trait = "machines", Lab = "lab";

    private const string Variable = "NODEAGENT_TEST_MACHINES";

    public static bool AreVagrants { get; } = Environment.GetEnvironmentVariable(Variable) switch
    {
        null or "" or Lab => false,
        "vagrant" => true,
        var other => throw new InvalidOperationException($"{Variable}={other}: it is lab or vagrant"),
    };

    /// <summary>How many times longer than in the Lab a test waits before it fails: machines that are emulated in software are that slow.</summary>
    public static int Patience => AreVagrants ? 10 : 1;

    public static InvalidOperationException OnlyInTheLab(string what) => new($"{what} is there in the Lab only; leave its tests out: --filter \"{Trait}!={Lab}\"");
}
