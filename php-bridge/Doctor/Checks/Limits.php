<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Revurb\Doctor\Check;
use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Code;
use Revurb\Doctor\Context\DoctorContext;
use Revurb\Doctor\Probes\Diagnosis;

/**
 * Which limits are in force that Reverb does not have, and whether an app allows no connections. The limit of watchlists is not among them,
 * since Reverb has no watchlists.
 */
final readonly class Limits implements Check
{
    private const PLACE = 'config/reverb.php: apps.apps.*.limits';

    private const KEYS = [
        'channels_per_event', 'events_per_batch', 'event_name_length', 'event_data_bytes', 'channel_name_length', 'channels_per_socket',
        'presence_members', 'presence_user_info_bytes', 'client_events_per_second',
    ];

    /** The limits that an earlier config/reverb.php of Revurb set by default. Where all of them are in force, the application has not chosen them. */
    private const EARLIER = ['channels_per_event' => 100, 'events_per_batch' => 10, 'event_name_length' => 200, 'channel_name_length' => 200, 'presence_user_info_bytes' => 1_024];

    public function __construct(
        private DoctorContext $context,
        private ZeroConnections $zero,
        private Diagnosis $diagnosis,
    ) {}

    public function run(): CheckResult
    {
        return $this->zero->result() ?? $this->beyondReverb();
    }

    private function beyondReverb(): CheckResult
    {
        $seen = [];
        $isEarlier = false;

        foreach ($this->context->apps() as $app) {
            $limits = $this->inForce($app['limits'] ?? null);

            if ($limits !== []) {
                $seen[] = 'app '.(is_scalar($app['app_id'] ?? null) ? $app['app_id'] : '?').': '.implode(', ', $limits);
                $isEarlier = $isEarlier || $this->isEarlier($app['limits']);
            }
        }

        return match (true) {
            $seen === [] => CheckResult::ok('none that Reverb does not have'),
            $isEarlier => CheckResult::warning(
                Code::LimitsOfEarlierVersion,
                implode('; ', $seen),
                'Reverb has none of these. The configuration was published by an earlier version of Revurb, which set them.',
                self::PLACE.': delete it; REVURB_LIMITS=pusher in .env keeps the limits of Pusher'.$this->diagnosis->thenRestart(),
            ),
            default => CheckResult::ok(implode('; ', $seen).' (Reverb has none of these; 0 lifts one)'),
        };
    }

    /** @return list<string> */
    private function inForce(mixed $limits): array
    {
        if ($limits === 'pusher') {
            return ['those of Pusher'];
        }

        if (! is_array($limits)) {
            return [];
        }

        $keys = array_filter(self::KEYS, static fn (string $key): bool => is_numeric($limits[$key] ?? null) && (int) $limits[$key] > 0);
        $numbers = array_map(static fn (string $key): string => "{$key} {$limits[$key]}", array_values($keys));

        return [
            ...(($limits['preset'] ?? null) === 'pusher' ? ['those of Pusher'] : []),
            ...$numbers,
            ...(($limits['channel_name_charset'] ?? null) === 'pusher' ? ['channel_name_charset pusher'] : []),
        ];
    }

    private function isEarlier(mixed $limits): bool
    {
        return is_array($limits) && ($limits['preset'] ?? null) !== 'pusher' && array_intersect_key($limits, self::EARLIER) == self::EARLIER;
    }
}
