using KubeApi.Objects;
using NodeAgent.Kubelet;

namespace UnitTests.Kubelet;

public class ContainerRestartTests
{
    [Theory]
    [InlineData("Never", "Always", 0, true)]
    [InlineData("Always", "Never", 1, false)]
    [InlineData("Always", "OnFailure", 0, false)]
    [InlineData("Never", "OnFailure", 1, true)]
    [InlineData("Never", null, 1, false)]
    public void A_containers_own_restartPolicy_wins_over_the_pods(string pod, string? own, int exitCode, bool again) =>
        Assert.Equal(again, Is(pod, new Container { Name = "a", RestartPolicy = own }, exitCode));

    [Theory]
    [InlineData("In", 42, true)]
    [InlineData("In", 41, false)]
    [InlineData("NotIn", 41, true)]
    [InlineData("NotIn", 42, false)]
    public void restartPolicyRules_are_exceptions_by_exit_code(string oper, int exitCode, bool again) => Assert.Equal(again, Is("Always", new Container
    {
        Name = "a", RestartPolicy = "Never",
        RestartPolicyRules = [new ContainerRestartRule { Action = "Restart", ExitCodes = new ContainerRestartRuleOnExitCodes { Operator = oper, Values = [42] } }],
    }, exitCode));

    private static bool Is(string policy, Container container, int exitCode) =>
        ContainerRestart.Is(Pods.Of(policy, "a"), new PodContainer(container, ContainerKind.Regular), new ExitRecord(exitCode, "", null, default));
}
