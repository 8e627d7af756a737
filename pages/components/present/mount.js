// @ts-nocheck
// The presentation as a page: where the slider comes to rest goes into the address.

import { Story } from "../../../state/presentation/story.js"
import { line } from "../js/tab.js"

export default function mountStory({ data, parentElement, setTriggerValue }) {
  const story = (parentElement.ringfenceStory ??= new Story(parentElement))
  story.tell = caution => line.say("present-caution", () => setTriggerValue("caution", caution), "present")
  if (data) story.take(data)
  return () => {
    story.sketch.stop()
    line.drop("present-caution")
    delete parentElement.ringfenceStory
  }
}
