<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Checks;

use PHPUnit\Framework\Attributes\DataProvider;
use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Checks\Limits;
use Revurb\Doctor\Context\DoctorContext;
use Revurb\Doctor\Status;
use Revurb\Tests\Support\Doctor\DoctorTestCase;
use Revurb\Tests\Support\Doctor\FakeNetwork;

final class LimitsTest extends DoctorTestCase
{
    /** The `limits` of config/reverb.php when the limits of Pusher were the default. */
    private const EARLIER = [
        'channels_per_event' => 100, 'events_per_batch' => 10, 'event_name_length' => 200, 'event_data_bytes' => 0, 'channel_name_length' => 200,
        'channels_per_socket' => 0, 'presence_members' => 100, 'presence_user_info_bytes' => 1_024, 'client_events_per_second' => 10, 'watchlist_users' => 100,
    ];

    private function limits(DoctorContext $context, ?FakeNetwork $network = null): CheckResult
    {
        return (new Limits($context, $this->zero($context), $this->diagnosis($context, $network)))->run();
    }

    private function runOne(mixed $limits): CheckResult
    {
        return $this->limits($this->configured(app: ['limits' => $limits]));
    }

    /** @param  array<string, mixed>|string|null  $limits */
    #[TestWith([null])]
    #[TestWith([[]])]
    #[TestWith([''])]
    #[TestWith([['preset' => null, 'presence_members' => null, 'client_events_per_second' => '', 'events_per_batch' => '0']])]
    #[TestWith([['watchlist_users' => 100, 'channel_name_charset' => 'any']])]
    public function test_a_configuration_without_limits_is_ok(array|string|null $limits): void
    {
        $result = $this->runOne($limits);

        $this->assertOk($result);
        $this->assertSame('none that Reverb does not have', $result->subject);
    }

    public function test_stock_settings_have_no_limits(): void
    {
        $this->assertSame('none that Reverb does not have', $this->limits($this->configured())->subject);
    }

    public function test_a_running_server_has_to_be_restarted_after_the_change(): void
    {
        $context = $this->configured(app: ['limits' => self::EARLIER]);

        $this->assertStringEndsWith('keeps the limits of Pusher', (string) $this->limits($context)->fix);
        $this->assertStringEndsWith('keeps the limits of Pusher, and then: php artisan reverb:restart', (string) $this->limits($context, FakeNetwork::healthy())->fix);
    }

    /** @return iterable<string, array{mixed, string}> */
    public static function chosen(): iterable
    {
        yield 'preset' => ['pusher', 'those of Pusher'];
        yield 'preset as a key' => [['preset' => 'pusher', 'presence_members' => 500], 'those of Pusher, presence_members 500'];
        yield 'one number' => [['presence_members' => '500'], 'presence_members 500'];
        yield 'a number that was once a default' => [['presence_members' => 100], 'presence_members 100'];
        yield 'characters' => [['channel_name_charset' => 'pusher'], 'channel_name_charset pusher'];
    }

    #[DataProvider('chosen')]
    public function test_limits_that_the_application_has_chosen_are_named(mixed $limits, string $seen): void
    {
        $result = $this->runOne($limits);

        $this->assertOk($result);
        $this->assertSame("app 1: {$seen} (Reverb has none of these; 0 lifts one)", $result->subject);
    }

    public function test_limits_of_an_earlier_configuration_are_a_warning(): void
    {
        $result = $this->runOne([...self::EARLIER, 'presence_members' => '250']);

        $this->assertFound(Status::Warning, 'earlier version', 'apps.apps.*.limits', $result);
        $this->assertStringContainsString('app 1: channels_per_event 100, events_per_batch 10', $result->subject);
        $this->assertStringContainsString('presence_members 250', $result->subject);
        $this->assertStringNotContainsString('watchlist_users', $result->subject);
    }
}
